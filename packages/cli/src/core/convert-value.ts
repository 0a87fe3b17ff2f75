import { accept, type Json, type Refusal, type Result, refuse } from '@tributary/protocol'
import { createTimeReader } from './parse-time.ts'

/** How a mapping wants a column read. */
export interface Conversion {
  as?: 'text' | 'number' | 'boolean' | 'time' | 'json' | 'list'
  /** Of numbers: what stands before the fraction, `.` or `,`; the other one, spaces and apostrophes group digits. Default `.`. */
  decimal?: string
  /** Of times, such as `DD.MM.YYYY HH:mm`. Default: ISO 8601, or seconds or milliseconds since 1970. */
  format?: string
  /** Of times that name no zone: IANA name. Default UTC. */
  zone?: string
  /** Of lists. Default `;`. */
  separator?: string
  /** Replaces values, before anything else: `{ "Gewonnen": "won" }`. */
  values?: Record<string, Json>
}

export const CONVERSIONS = ['text', 'number', 'boolean', 'time', 'json', 'list'] as const

/** Turns what a column holds into what the event gets. */
export type Converter = (value: unknown) => Result<Json, Refusal<string>>

const TRUE = ['true', 'yes', 'y', '1', 'ja', 'wahr', 'oui', 'si', 'sí', 'x']
const FALSE = ['false', 'no', 'n', '0', 'nein', 'falsch', 'non']

/** @throws RangeError when the conversion names a zone that there is not. */
export function createConverter(conversion: Conversion): Converter {
  const convert = converterOf(conversion)
  const { values } = conversion
  if (!values) return convert
  return (value) => {
    const key = String(value)
    return Object.hasOwn(values, key) ? accept(values[key] as Json) : convert(value)
  }
}

function converterOf({ as, decimal = '.', format, zone, separator = ';' }: Conversion): Converter {
  switch (as) {
    case 'number':
      return (value) => toNumber(value, decimal)
    case 'boolean':
      return toBoolean
    case 'time': {
      const read = createTimeReader(format, zone)
      return (value) => {
        const ms = read(String(value))
        return ms === undefined || Math.abs(ms) > LAST_MS
          ? refuse(
              'invalid_time',
              `"${short(value)}" is no time${format ? ` of the form ${format}` : ''}.`,
            )
          : accept(new Date(ms).toISOString())
      }
    }
    case 'json':
      return toJson
    case 'list':
      return (value) =>
        accept(
          String(value)
            .split(separator)
            .map((item) => item.trim())
            .filter((item) => item !== ''),
        )
    case 'text':
      return (value) => accept(typeof value === 'object' ? JSON.stringify(value) : String(value))
    default:
      return (value) => accept(value as Json)
  }
}

/** The last moment that a date can be. */
const LAST_MS = 8.64e15

/** Digits in groups of three, or without any, for each sign of the fraction. `1.5` is no number where the comma is the sign. */
const NUMBERS: Readonly<Record<string, RegExp>> = {
  '.': /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?(e[+-]?\d+)?$/i,
}

function toNumber(value: unknown, decimal: string): Result<Json, Refusal<string>> {
  if (typeof value === 'number') return accept(value)
  const bare = String(value).replace(/[€$£¥%\s'’]|\b[A-Z]{3}\b/g, '')
  if (!/\d/.test(bare) || !NUMBERS[decimal]?.test(bare)) {
    return refuse('invalid_number', `"${short(value)}" is no number.`)
  }
  const plain = bare.replaceAll(decimal === ',' ? '.' : ',', '').replace(',', '.')
  return accept(Number(plain))
}

function toBoolean(value: unknown): Result<Json, Refusal<string>> {
  if (typeof value === 'boolean') return accept(value)
  const text = String(value).toLowerCase()
  if (TRUE.includes(text)) return accept(true)
  if (FALSE.includes(text)) return accept(false)
  return refuse('invalid_boolean', `"${short(value)}" is neither yes nor no.`)
}

function toJson(value: unknown): Result<Json, Refusal<string>> {
  if (typeof value !== 'string') return accept(value as Json)
  try {
    return accept(JSON.parse(value) as Json)
  } catch {
    return refuse('invalid_json', `"${short(value)}" is no JSON.`)
  }
}

function short(value: unknown): string {
  return String(value).slice(0, 40)
}
