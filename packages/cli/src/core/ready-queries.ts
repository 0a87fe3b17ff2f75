/** A question that many ask, with what can be set in it. */
export interface ReadyQuery {
  summary: string
  /** By name: the default, and what it is. A value is text; the query reads it as what it needs. */
  settings: Record<string, { value: string; about: string }>
  /** Over the view `steps`: the `person`, what they did (`step`), and all columns of `events`. */
  sql: string
}

const FUNNEL: ReadyQuery = {
  summary: 'how many people get from step to step',
  settings: {
    steps: { value: '', about: 'names of events or pages in their order, separated by commas' },
    days: { value: '30', about: 'time from the first step to the last' },
  },
  sql: `WITH RECURSIVE
  wanted AS (
    SELECT trim(unnest) AS step, ordinality AS number
    FROM unnest(string_split(getvariable('steps'), ',')) WITH ORDINALITY
  ),
  reached AS (
    SELECT person, 1::BIGINT AS number, min(timestamp) AS began, min(timestamp) AS at
    FROM steps JOIN wanted USING (step) WHERE number = 1 GROUP BY person
    UNION ALL
    SELECT reached.person, wanted.number, reached.began, min(steps.timestamp)
    FROM reached
    JOIN wanted ON wanted.number = reached.number + 1
    JOIN steps ON steps.person = reached.person AND steps.step = wanted.step
      AND steps.timestamp > reached.at
      AND steps.timestamp <= reached.began + to_days(getvariable('days')::INTEGER)
    GROUP BY reached.person, wanted.number, reached.began
  ),
  counted AS (
    SELECT wanted.number, wanted.step, count(reached.person) AS people,
      median(reached.at - reached.began) AS after
    FROM wanted LEFT JOIN reached USING (number) GROUP BY ALL
  )
SELECT
  number, step, people,
  round(100 * people / nullif(first(people) OVER all_steps, 0), 1) AS percent_of_first,
  round(100 * people / nullif(lag(people) OVER all_steps, 0), 1) AS percent_of_last,
  CASE WHEN number > 1 THEN round(epoch(after) / 3600, 2) END AS median_hours
FROM counted WINDOW all_steps AS (ORDER BY number) ORDER BY number`,
}

const RETENTION: ReadyQuery = {
  summary: 'how many people come back, by the week of their first event',
  settings: { step: { value: '', about: 'count only this event or page; any' } },
  sql: `WITH
  seen AS (
    SELECT DISTINCT person, date_trunc('week', timestamp) AS week FROM steps
    WHERE getvariable('step') = '' OR step = getvariable('step')
  ),
  cohorts AS (SELECT person, min(week) AS cohort FROM seen GROUP BY person)
SELECT
  cohort::DATE AS first_week,
  count(DISTINCT person) AS people,
${[1, 2, 3, 4, 5, 6, 7, 8]
  .map(
    (week) =>
      `  round(100 * count(*) FILTER (week = cohort + to_weeks(${week})) / count(DISTINCT person), 1) AS week_${week}`,
  )
  .join(',\n')}
FROM seen JOIN cohorts USING (person) GROUP BY cohort ORDER BY cohort`,
}

const CAMPAIGNS: ReadyQuery = {
  summary: 'visitors, conversions and value by the last campaign before them',
  settings: {
    goal: { value: 'Order Completed', about: 'the event that counts' },
    value: { value: 'total', about: 'the property of it to sum' },
    days: { value: '30', about: 'how long a visit by a campaign counts' },
  },
  sql: `WITH
  touches AS (
    SELECT person, timestamp,
      coalesce(context->>'$.campaign.source', context->>'$.referrer.domain', '(none)') AS source,
      coalesce(context->>'$.campaign.medium', context->>'$.channel', '(none)') AS medium,
      coalesce(context->>'$.campaign.name', '(none)') AS campaign
    FROM steps
    WHERE type = 'page' AND ((context->>'$.campaign.source') IS NOT NULL OR (context->>'$.channel') <> 'Direct')
  ),
  goals AS (
    SELECT person, timestamp, messageId,
      try_cast(json_extract_string(properties, '$.' || getvariable('value')) AS DOUBLE) AS value
    FROM steps WHERE step = getvariable('goal')
  ),
  credited AS (
    SELECT goals.*, touches.timestamp AS touched, touches.source, touches.medium, touches.campaign
    FROM goals ASOF LEFT JOIN touches
      ON goals.person = touches.person AND goals.timestamp >= touches.timestamp
  ),
  won AS (
    SELECT
      CASE WHEN is_late THEN '(direct)' ELSE source END AS source,
      CASE WHEN is_late THEN '(none)' ELSE medium END AS medium,
      CASE WHEN is_late THEN '(none)' ELSE campaign END AS campaign,
      count(*) AS conversions, sum(value) AS value
    FROM (
      SELECT *, coalesce(touched < timestamp - to_days(getvariable('days')::INTEGER), true) AS is_late
      FROM credited
    ) GROUP BY ALL
  ),
  visited AS (SELECT source, medium, campaign, count(DISTINCT person) AS people FROM touches GROUP BY ALL)
SELECT source, medium, campaign, coalesce(people, 0) AS people,
  coalesce(conversions, 0) AS conversions, round(coalesce(value, 0), 2) AS value
FROM visited FULL JOIN won USING (source, medium, campaign)
ORDER BY value DESC, people DESC, source, medium, campaign`,
}

const PATHS: ReadyQuery = {
  summary: 'the ways that people take, most frequent first',
  settings: {
    start: { value: '', about: 'the event or page that a way begins with; any' },
    length: { value: '4', about: 'steps of a way' },
    minutes: { value: '30', about: 'a longer pause ends a way' },
    limit: { value: '20', about: 'ways to show' },
  },
  sql: `WITH
  marked AS (
    SELECT person, step, timestamp, messageId,
      coalesce(timestamp - lag(timestamp) OVER own > to_minutes(getvariable('minutes')::INTEGER), true) AS is_first,
      lag(step) OVER own AS before
    FROM steps WHERE step IS NOT NULL WINDOW own AS (PARTITION BY person ORDER BY timestamp, messageId)
  ),
  numbered AS (
    SELECT *, count(*) FILTER (is_first) OVER (PARTITION BY person ORDER BY timestamp, messageId) AS visit
    FROM marked
  ),
  ways AS (
    SELECT person, list(step ORDER BY timestamp, messageId) AS way
    FROM numbered WHERE is_first OR step IS DISTINCT FROM before GROUP BY person, visit
  ),
  begun AS (
    SELECT person,
      CASE WHEN getvariable('start') = '' THEN way
        ELSE way[list_position(way, getvariable('start')):] END AS way
    FROM ways WHERE getvariable('start') = '' OR list_contains(way, getvariable('start'))
  )
SELECT array_to_string(way[:getvariable('length')::INTEGER], ' → ') AS path,
  count(DISTINCT person) AS people, count(*) AS times
FROM begun GROUP BY path ORDER BY times DESC, people DESC, path LIMIT getvariable('limit')::INTEGER`,
}

/** The ready queries by name. */
export const READY_QUERIES: Readonly<Record<string, ReadyQuery>> = {
  funnel: FUNNEL,
  retention: RETENTION,
  campaigns: CAMPAIGNS,
  paths: PATHS,
}
