import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run } from '../../scripts/steps.mjs'

/**
 * The peers of a benchmark. They live in a cache folder: they are no dependencies of the repository, and no script of
 * theirs is run.
 *
 * @param {URL} list Its `peers.json`, a package with pinned dependencies.
 * @param {string} name Of the folder.
 * @returns {{ folder: string, versions: Record<string, string>, install(): void }} `install` does nothing where that very
 *   list is installed already, and throws when npm cannot.
 */
export function peersOf(list, name) {
  const text = readFileSync(list)
  const folder = join(ROOT, 'node_modules', '.cache', name)
  return { folder, versions: JSON.parse(text).dependencies, install: () => install(text, folder) }
}

function install(list, folder) {
  const stamp = join(folder, '.installed')
  const digest = createHash('sha256').update(list).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  console.error('Installing the peers …')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), list)
  const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
  if (!run('npm', ['install', ...flags], { cwd: folder })) {
    throw new Error('The peers could not be installed.')
  }
  writeFileSync(stamp, digest)
}
