/** What code writes where an identifier should be and it has none; in lower case. Each has joined thousands of strangers somewhere. */
export const NAMES_OF_NOBODY: ReadonlySet<string> = new Set([
  '-1',
  'null',
  'undefined',
  'anonymous',
  'guest',
  'none',
  'nil',
  'nan',
  'n/a',
  'unknown',
  'true',
  'false',
  'id',
  'email',
  'not_authenticated',
  '[object object]',
])
