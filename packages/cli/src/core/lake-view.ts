/** What a lake has files of. */
export interface LakeForms {
  /** Gzipped NDJSON, as the journals write it. */
  small: boolean
  /** Parquet and manifests, as compaction leaves them. */
  compacted: boolean
}

const COLUMNS = `{
        messageId: 'VARCHAR', type: 'VARCHAR', source: 'VARCHAR', userId: 'VARCHAR', anonymousId: 'VARCHAR',
        groupId: 'VARCHAR', previousId: 'VARCHAR', event: 'VARCHAR', name: 'VARCHAR', category: 'VARCHAR',
        originalTimestamp: 'VARCHAR', sentAt: 'VARCHAR', timestamp: 'TIMESTAMP', receivedAt: 'TIMESTAMP',
        context: 'JSON', properties: 'JSON', traits: 'JSON', integrations: 'JSON', _tributary: 'JSON'
      }`

const MANIFEST = `CREATE OR REPLACE TABLE manifest AS
SELECT
  regexp_extract(filename, '(source=[^/]+/date=[^/]+)/', 1) AS folder,
  list_transform(parts, lambda part: part.key) AS parts,
  compactedThrough
FROM read_json(
  getvariable('lake') || '/events/*/*/_manifest.json',
  columns = { parts: 'STRUCT(key VARCHAR)[]', compactedThrough: 'MAP(VARCHAR, BIGINT)' },
  filename = true
);`

const NO_MANIFEST = `CREATE OR REPLACE TABLE manifest (
  folder VARCHAR, parts VARCHAR[], compactedThrough MAP(VARCHAR, BIGINT)
);`

const SMALL = `small AS (
    SELECT
      * EXCLUDE (filename),
      regexp_extract(
        filename,
        '(source=[^/]+/date=[^/]+)/([^/]+)-\\d{12}-(\\d{12})\\.ndjson\\.gz$',
        ['folder', 'journal', 'lastRow']
      ) AS file
    FROM read_json(
      getvariable('lake') || '/events/*/*/*.ndjson.gz',
      format = 'newline_delimited',
      hive_partitioning = true,
      hive_types = { date: DATE },
      filename = true,
      maximum_object_size = 33554432,
      columns = ${COLUMNS}
    )
  )`

const COMPACTED = `compacted AS (
    SELECT
      * EXCLUDE (filename, rest),
      regexp_extract(filename, 'events/source=.*$') AS key
    FROM read_parquet(
      getvariable('lake') || '/events/*/*/*.parquet',
      hive_partitioning = true,
      hive_types = { date: DATE },
      filename = true
    )
  )`

const SELECT_SMALL = `SELECT * EXCLUDE (file) FROM small
WHERE NOT EXISTS (
  SELECT 1 FROM manifest
  WHERE manifest.folder = file.folder AND compactedThrough[file.journal] >= file.lastRow::BIGINT
)`

const SELECT_COMPACTED = `SELECT * EXCLUDE (key) FROM compacted
WHERE key IN (SELECT unnest(parts) FROM manifest)`

/**
 * The lake as the view `events`, each event once, whatever compaction is doing: `docs/lake.sql`, for the forms of file that
 * there are, since DuckDB refuses to read what there is none of. The folder is the variable `lake`.
 */
export function lakeView({ small, compacted }: LakeForms, name = 'events'): string {
  if (!small && !compacted) return `${NO_MANIFEST}\n${emptyView(name)}`
  const forms = [...(small ? [SMALL] : []), ...(compacted ? [COMPACTED] : [])]
  const selects = [...(small ? [SELECT_SMALL] : []), ...(compacted ? [SELECT_COMPACTED] : [])]
  return `${compacted ? MANIFEST : NO_MANIFEST}
CREATE OR REPLACE VIEW ${name} AS
WITH
  ${forms.join(',\n  ')}
${selects.join('\nUNION ALL BY NAME\n')};`
}

function emptyView(view: string): string {
  const columns = [...COLUMNS.matchAll(/(\w+): '(\w+)'/g)].map(
    ([, name, type]) => `NULL::${type} AS "${name}"`,
  )
  return `CREATE OR REPLACE VIEW ${view} AS SELECT ${columns.join(', ')}, NULL::DATE AS date WHERE false;`
}

/**
 * Who did what, as well as the events alone can tell: a device without a user counts as the user who was last seen on it.
 * Where several people share a device, the profiles know better.
 */
export const PERSON_VIEWS = `CREATE OR REPLACE VIEW devices AS
SELECT anonymousId, arg_max(userId, timestamp) AS userId
FROM events WHERE anonymousId IS NOT NULL AND userId IS NOT NULL GROUP BY anonymousId;
CREATE OR REPLACE VIEW steps AS
SELECT
  coalesce(events.userId, devices.userId, events.anonymousId) AS person,
  CASE type WHEN 'track' THEN event ELSE coalesce(name, properties->>'$.path') END AS step,
  events.* EXCLUDE (userId), events.userId
FROM events LEFT JOIN devices ON events.userId IS NULL AND events.anonymousId = devices.anonymousId
WHERE type IN ('track', 'page', 'screen');`
