-- The lake as one view in DuckDB: NDJSON and Parquet together, each event once, whatever compaction is doing.
-- The folder of the lake (or 's3://<bucket>', with a secret for R2's S3 interface) is the variable `lake`.

-- What counts, as of now. Run this statement again before you query: it is good for an hour, the time that compaction
-- leaves a file after it was replaced.
CREATE OR REPLACE TABLE manifest AS
SELECT
  regexp_extract(filename, '(source=[^/]+/date=[^/]+)/', 1) AS folder,
  list_transform(parts, lambda part: part.key) AS parts,
  compactedThrough
FROM read_json(
  getvariable('lake') || '/events/*/*/_manifest.json',
  columns = { parts: 'STRUCT(key VARCHAR)[]', compactedThrough: 'MAP(VARCHAR, BIGINT)' },
  filename = true
);

-- Needs one file of each form.
CREATE OR REPLACE VIEW events AS
WITH
  small AS (
    SELECT
      * EXCLUDE (filename),
      regexp_extract(
        filename,
        '(source=[^/]+/date=[^/]+)/([^/]+)-\d{12}-(\d{12})\.ndjson\.gz$',
        ['folder', 'journal', 'lastRow']
      ) AS file
    FROM read_json(
      getvariable('lake') || '/events/*/*/*.ndjson.gz',
      format = 'newline_delimited',
      hive_partitioning = true,
      hive_types = { date: DATE },
      filename = true,
      maximum_object_size = 33554432,
      columns = {
        messageId: 'VARCHAR', type: 'VARCHAR', source: 'VARCHAR', userId: 'VARCHAR', anonymousId: 'VARCHAR',
        groupId: 'VARCHAR', previousId: 'VARCHAR', event: 'VARCHAR', name: 'VARCHAR', category: 'VARCHAR',
        originalTimestamp: 'VARCHAR', sentAt: 'VARCHAR', timestamp: 'TIMESTAMP', receivedAt: 'TIMESTAMP',
        context: 'JSON', properties: 'JSON', traits: 'JSON', integrations: 'JSON', _tributary: 'JSON'
      }
    )
  ),
  compacted AS (
    SELECT
      * EXCLUDE (filename, rest),
      regexp_extract(filename, 'events/source=.*$') AS key
    FROM read_parquet(
      getvariable('lake') || '/events/*/*/*.parquet',
      hive_partitioning = true,
      hive_types = { date: DATE },
      filename = true
    )
  )
SELECT * EXCLUDE (file) FROM small
WHERE NOT EXISTS (
  SELECT 1 FROM manifest
  WHERE manifest.folder = file.folder AND compactedThrough[file.journal] >= file.lastRow::BIGINT
)
UNION ALL BY NAME
SELECT * EXCLUDE (key) FROM compacted
WHERE key IN (SELECT unnest(parts) FROM manifest);
