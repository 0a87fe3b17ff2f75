import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, run } from '../../scripts/steps.mjs'

const LIST = fileURLToPath(new URL('peers.json', import.meta.url))

/** Where the peers live: they are no dependencies of the repository, and no script of theirs is run. */
export const PEERS_FOLDER = join(ROOT, 'node_modules', '.cache', 'bench-peers')

/** The version of each peer's package, as pinned. */
export const PEER_VERSIONS = JSON.parse(readFileSync(LIST, 'utf8')).dependencies

/**
 * Installs the pinned peers, unless that very list is installed already.
 *
 * @throws Error when npm cannot.
 */
export function installPeers() {
  const list = readFileSync(LIST)
  const stamp = join(PEERS_FOLDER, '.installed')
  const digest = createHash('sha256').update(list).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  console.error('Installing the peers …')
  mkdirSync(PEERS_FOLDER, { recursive: true })
  writeFileSync(join(PEERS_FOLDER, 'package.json'), list)
  const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
  if (!run('npm', ['install', ...flags], { cwd: PEERS_FOLDER })) {
    throw new Error('The peers could not be installed.')
  }
  writeFileSync(stamp, digest)
}
