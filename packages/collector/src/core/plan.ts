/** The part of the Standard Schema interface (version 1) that is needed here; Zod, Valibot and ArkType schemas have it. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
  }
}

/** What a schema says of a value: it is right, or what is wrong and where. */
interface SchemaResult {
  readonly issues?: readonly SchemaIssue[] | undefined
}

/** One fault. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What the events of a source must look like. */
export interface TrackingPlan {
  /** Schemas of `properties`, by the name of the `track` event. */
  events: Record<string, StandardSchema>
  /** `flag` (default): stored with `_tributary.violations`. `quarantine`: refused as `plan_violation`. */
  onViolation?: 'flag' | 'quarantine'
  /** What becomes of `track` events that the plan does not name, as `unplanned_event`. Default `allow`. */
  onUnplanned?: 'allow' | 'flag' | 'quarantine'
}
