import type { Refusal } from '@tributary/protocol'

/** One row of a file: its values by column, or why it has none. */
export type Row =
  | { line: number; values: Record<string, unknown> }
  | { line: number; fault: Refusal<string>; text: string }
