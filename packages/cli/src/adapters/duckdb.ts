import { CliError } from '../cli-error.ts'

/** A connection to a DuckDB of its own, in memory. */
export type DuckDb = Awaited<ReturnType<typeof openDuckDb>>

/**
 * Opens DuckDB, which is a native library of 70 MB: loaded only by what needs it, and an optional dependency.
 *
 * @param memory How much it may use, such as `1GB`; above that it writes to its folder for temporary files.
 * @throws CliError when it is not installed.
 */
export async function openDuckDb(memory: string, temporaryFolder: string) {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch(() => {
    const message =
      'This needs DuckDB, which is not installed here: npm install @duckdb/node-api (there may be none for this platform).'
    throw new CliError('duckdb_missing', message)
  })
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memory,
    temp_directory: temporaryFolder,
  })
  return instance.connect()
}

/** A text as SQL writes it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as SQL writes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
