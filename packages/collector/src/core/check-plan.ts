import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'
import type { SchemaIssue, StandardSchema, TrackingPlan } from './plan.ts'
import { addFlag, addViolations, type StoredEvent, type Violation } from './stored-event.ts'

/** Faults that are noted on one event: a list of ten thousand wrong items must not outgrow the event. */
const MAX_VIOLATIONS = 20

/** Longest path or message that is noted. */
const MAX_NOTE_LENGTH = 200

/**
 * Holds a `track` event against its source's plan; other events pass. A schema that throws is a fault of the event it
 * was asked about, and of no other in the batch.
 *
 * @returns The event, flagged where the plan says so, or the refusal `plan_violation` or `unplanned_event`.
 */
export async function checkPlan(
  event: StoredEvent,
  plan: TrackingPlan,
): Promise<Result<StoredEvent, Refusal<string>>> {
  if (event.type !== 'track') return accept(event)
  const name = event.event as string
  if (!Object.hasOwn(plan.events, name)) return unplanned(event, name, plan)
  const violations = await violationsOf(event, plan.events[name] as StandardSchema)
  const [first] = violations
  if (!first) return accept(event)
  if (plan.onViolation === 'quarantine') {
    return refuse(
      'plan_violation',
      `The event breaks its plan at "${first.path}": ${first.message}`,
    )
  }
  return accept(addFlag(addViolations(event, violations), 'plan_violation'))
}

function unplanned(event: StoredEvent, name: string, { onUnplanned = 'allow' }: TrackingPlan) {
  if (onUnplanned === 'allow') return accept(event)
  if (onUnplanned === 'flag') return accept(addFlag(event, 'unplanned_event'))
  return refuse('unplanned_event', `The plan has no event "${name.slice(0, MAX_NOTE_LENGTH)}".`)
}

async function violationsOf(event: StoredEvent, schema: StandardSchema): Promise<Violation[]> {
  try {
    // A copy: what a schema does to its input must not become what is stored.
    const properties = structuredClone(event.properties ?? {})
    const { issues = [] } = await schema['~standard'].validate(properties)
    return issues.slice(0, MAX_VIOLATIONS).map(noteOf)
  } catch (error) {
    const message = `The schema failed: ${error instanceof Error ? error.message : String(error)}`
    return [{ path: 'properties', message: message.slice(0, MAX_NOTE_LENGTH) }]
  }
}

function noteOf({ path = [], message }: SchemaIssue): Violation {
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
  return {
    path: ['properties', ...keys].map(String).join('.').slice(0, MAX_NOTE_LENGTH),
    message: message.slice(0, MAX_NOTE_LENGTH),
  }
}
