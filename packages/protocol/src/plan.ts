/**
 * A schema with the Standard Schema interface (https://standardschema.dev); Zod, Valibot and ArkType schemas have it.
 * Only its types are read here.
 */
interface PlannedSchema {
  readonly '~standard': {
    readonly version: 1
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined
  }
}

/** The plan of a source, the very object that the collector holds its events against (`defineConfig({ sources: [{ plan }] })`). */
export interface Plan {
  /** Schemas of `properties`, by the name of the `track` event. */
  readonly events: Readonly<Record<string, PlannedSchema>>
  /** With `allow` the compiler takes other names too. Where it is left out it does not, though the collector would. */
  readonly onUnplanned?: string
}

/** The names of a plan's events. */
export type PlannedName<P extends Plan> = keyof P['events'] & string

/** What an event of the plan may be given as properties: its schema's input. */
export type PlannedProperties<P extends Plan, Name extends PlannedName<P>> = NonNullable<
  P['events'][Name]['~standard']['types']
>['input']

/** A name that the plan has not: none, unless the plan says `allow`. */
export type UnplannedName<P extends Plan, Name extends string> = P extends { onUnplanned: 'allow' }
  ? Name extends PlannedName<P>
    ? never
    : Name
  : never
