/** How a scenario went: how many events it owed, which are not stored and which are stored twice, and what broke it off. */
export interface Result {
  owed: number
  lost: string[]
  twice: string[]
  /** How long the scenario took, and from its end until everything was stored. */
  ranMs: number
  settledMs: number
  broken: boolean
}

/** The results of a run, scenario by scenario. */
export interface Tally {
  add(title: string, result: Result): void
  /** A table in Markdown, a line for each scenario. */
  table(): string
}

/** An empty {@link Tally}. */
export function createTally(): Tally {
  const results = new Map<string, Result[]>()
  return {
    add(title, result) {
      results.set(title, [...(results.get(title) ?? []), result])
    },
    table() {
      const lines = [...results].map(([title, all]) => `| ${title} | ${summary(all).join(' | ')} |`)
      return [
        '| Scenario | rounds | events owed | lost | stored twice | broken off | took at most, s | stored after at most, s |',
        '|---|---|---|---|---|---|---|---|',
        ...lines,
      ].join('\n')
    },
  }
}

function summary(results: Result[]): (number | string)[] {
  const sum = (count: (result: Result) => number) =>
    results.reduce((total, result) => total + count(result), 0)
  return [
    results.length,
    sum(({ owed }) => owed),
    sum(({ lost }) => lost.length),
    sum(({ twice }) => twice.length),
    sum(({ broken }) => Number(broken)),
    seconds(results.map(({ ranMs }) => ranMs)),
    seconds(results.map(({ settledMs }) => settledMs)),
  ]
}

function seconds(durationsMs: number[]): string {
  return (Math.max(...durationsMs) / 1000).toFixed(1)
}
