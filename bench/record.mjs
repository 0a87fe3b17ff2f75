import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { withSection } from './markdown.mjs'

/**
 * The options of a benchmark, `--name=value`, and whether it is to `--write`.
 *
 * @param {Record<string, string>} known Every option with what it is unless given.
 * @param {string[]} sdks What `sdks` may list, where it is an option.
 * @throws Error for what is not known.
 */
export function readArguments(args, known, sdks = []) {
  const options = { ...known }
  for (const arg of args.filter((text) => text !== '--write')) {
    const [, name, value] = /^--([a-z-]+)=(.+)$/.exec(arg) ?? []
    if (!(name in options)) throw new Error(`${arg} is no option of this benchmark.`)
    options[name] = value
  }
  for (const sdk of (options.sdks ?? '').split(',').filter(Boolean)) {
    if (!sdks.includes(sdk)) throw new Error(`${sdk} is none of ${sdks.join(', ')}.`)
  }
  return { options, isToWrite: args.includes('--write') }
}

/**
 * Puts what a benchmark has found into the repository: tables into the README here, plots and raw results into its
 * folder. Parts that were not run stay as they are.
 *
 * @param {string} folder
 * @param {{ sections: Record<string, string>, plots: Record<string, string>, results: object, machine?: object }} found
 */
export function record(folder, { sections, plots, results, machine }) {
  const readme = new URL('README.md', import.meta.url)
  const file = new URL(`${folder}/results.json`, import.meta.url)
  const text = Object.entries(sections).reduce(
    (whole, [name, section]) => withSection(whole, name, `\n${section}\n`),
    readFileSync(readme, 'utf8'),
  )
  writeFileSync(readme, text)
  for (const [name, svg] of Object.entries(plots)) {
    writeFileSync(new URL(`${folder}/${name}.svg`, import.meta.url), svg)
  }
  const all = { cores: cpus().length, node: process.version, ...machine }
  writeFileSync(file, linesOf({ ...readJson(file), machine: all, ...results }))
}

/** A result, for whoever runs the benchmark. */
export function show(text) {
  process.stdout.write(`${text}\n\n`)
}

/** How far it is. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** JSON with a line for each row. */
function linesOf(raw) {
  const tidy = (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value)
  const text = (value) => JSON.stringify(value, tidy)
  const parts = Object.entries(raw).map(([name, value]) =>
    Array.isArray(value)
      ? `"${name}": [\n${value.map(text).join(',\n')}\n]`
      : `"${name}": ${text(value)}`,
  )
  return `{\n${parts.join(',\n')}\n}\n`
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
