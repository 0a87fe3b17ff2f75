/** A call with its overloads resolved: every place holds one kind of thing. */
export interface CallArguments {
  /** Name of the event, page or screen; new id of an alias; id of an identify or group. */
  name: string | undefined
  /** Category of a page or screen; previous id of an alias. */
  second: string | undefined
  /** Properties or traits; empty when there were none. */
  data: Record<string, unknown>
  /** Segment's options; empty when there were none. */
  options: Record<string, unknown>
  callback: ((event: unknown) => unknown) | undefined
}

/** `track(name | {event, properties}, properties?, options?, callback?)`. The callback may be at any position, as with Segment. */
export function trackArguments(args: readonly unknown[]): CallArguments {
  const [first, second] = args
  const [name, data, options] = isRecord(first) ? [first.event, first.properties, second] : args
  return resolved(args, name, undefined, data, options)
}

/**
 * `page(category?, name?, properties?, options?, callback?)`, and `screen` alike. Segment's rule:
 * one string is the name, two are category and name; one object is the properties unless it is the fourth argument.
 */
export function pageArguments(args: readonly unknown[]): CallArguments {
  const [first, second] = args.filter((arg) => typeof arg === 'string')
  const objects = args.filter(isRecord)
  if (!objects[1] && isRecord(args[3])) objects.unshift({})
  const [data, options] = objects
  return resolved(args, second ?? first, second && first, data, options)
}

/** `identify(id?, traits?, options?, callback?)`, and `group` alike. The id may be left out. */
export function identifyArguments(args: readonly unknown[]): CallArguments {
  const [data, options] = isRecord(args[0]) ? args : args.slice(1)
  return resolved(args, args[0], undefined, data, options)
}

/** `alias(to, from?, options?, callback?)`. */
export function aliasArguments(args: readonly unknown[]): CallArguments {
  const [to, from, options] = args
  return resolved(args, to, from, undefined, isRecord(from) ? from : options)
}

/** An identifier as a string: numbers are written out, an empty string or anything else is none. */
export function toId(value: unknown): string | undefined {
  const id = typeof value === 'number' ? String(value) : value
  return id && typeof id === 'string' ? id : undefined
}

function resolved(
  args: readonly unknown[],
  name: unknown,
  second: unknown,
  data: unknown,
  options: unknown,
): CallArguments {
  return {
    name: toId(name),
    second: toId(second),
    data: isRecord(data) ? data : {},
    options: isRecord(options) ? options : {},
    callback: args.find((arg) => typeof arg === 'function') as CallArguments['callback'],
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return !!value && typeof value === 'object' && !Array.isArray(value)
}
