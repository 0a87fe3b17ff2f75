/** Version of this package, as it stands in every event's `context.library` and in the `User-Agent`. */
export const VERSION: string = '0.1.0'
