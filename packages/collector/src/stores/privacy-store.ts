import type { PrivacyRequest } from '../core/privacy-request.ts'

/** A page of requests, newest first, and where the next begins. */
export interface RequestPage {
  requests: PrivacyRequest[]
  next: number | undefined
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS privacyRequests (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    operation TEXT NOT NULL,
    isOpen INTEGER NOT NULL,
    json TEXT NOT NULL
  )`

/** The requests of one deployment. They are kept for good: they are the proof that something was asked for and done. */
export function createPrivacyStore(sql: SqlStorage) {
  sql.exec(SCHEMA)
  const read = (query: string, ...bindings: SqlStorageValue[]): PrivacyRequest[] =>
    sql
      .exec<{ json: string }>(query, ...bindings)
      .toArray()
      .map(({ json }) => JSON.parse(json) as PrivacyRequest)

  return {
    /** Keeps a request unless its id is taken. @returns What is kept under the id. */
    add(request: PrivacyRequest): PrivacyRequest {
      const [known] = read('SELECT json FROM privacyRequests WHERE id = ?', request.id)
      if (known) return known
      sql.exec(
        'INSERT INTO privacyRequests (id, operation, isOpen, json) VALUES (?, ?, 1, ?)',
        request.id,
        request.operation,
        JSON.stringify(request),
      )
      return request
    },
    /** @param isOpen Whether something is left to do. */
    save(request: PrivacyRequest, isOpen: boolean): void {
      sql.exec(
        'UPDATE privacyRequests SET json = ?, isOpen = ? WHERE id = ?',
        JSON.stringify(request),
        isOpen ? 1 : 0,
        request.id,
      )
    },
    find: (id: string): PrivacyRequest | undefined =>
      read('SELECT json FROM privacyRequests WHERE id = ?', id)[0],
    /** In their order. */
    open: (): PrivacyRequest[] =>
      read('SELECT json FROM privacyRequests WHERE isOpen = 1 ORDER BY seq'),
    ofOperations: (...names: string[]): PrivacyRequest[] =>
      read(
        'SELECT json FROM privacyRequests WHERE operation IN (SELECT value FROM json_each(?)) ORDER BY seq',
        JSON.stringify(names),
      ),
    page(before: number, limit: number): RequestPage {
      const rows = sql
        .exec<{ seq: number; json: string }>(
          'SELECT seq, json FROM privacyRequests WHERE seq < ? ORDER BY seq DESC LIMIT ?',
          before,
          limit,
        )
        .toArray()
      const next = rows.length === limit ? rows.at(-1)?.seq : undefined
      return { requests: rows.map(({ json }) => JSON.parse(json) as PrivacyRequest), next }
    },
  }
}

/** The store of one deployment. */
export type PrivacyStore = ReturnType<typeof createPrivacyStore>
