/** A call that cannot become an event, thrown by the call itself: a mistake in the calling code. */
export class ValidationError extends Error {
  override readonly name: string = 'ValidationError'
  /** The field that is missing, for example `groupId`, or `userId/anonymousId` where either would do. */
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

/** Why an event was not delivered, or why a request failed. Handed to callbacks and listeners, never thrown. */
export class DeliveryError extends Error {
  override readonly name: string = 'DeliveryError'
  /** The collector's code, the drop reason, or `request_failed`. */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
