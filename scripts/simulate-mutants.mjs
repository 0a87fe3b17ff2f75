/**
 * Bugs to plant in the core, by name: the simulation must find each. `file` is below packages/browser-sdk/src, `from` is
 * text that it has exactly once.
 *
 * @type {Record<string, { file: string, from: string, to: string }>}
 */
export const MUTANTS = {
  'an event leaves the queue before its verdict': {
    file: 'sender.ts',
    from: '    const answer = await platform.post(',
    to: '    await queue.remove(new Set(batch.map(({ key }) => key)), batch)\n    const answer = await platform.post(',
  },
  'nothing is spilled': {
    file: 'queue.ts',
    from: 'isSpilled = storage.set(spillPrefix + key, text) && isSpilled',
    to: 'isSpilled = true',
  },
  'what earlier pages have spilled is not taken over': {
    file: 'queue.ts',
    from: 'for (const spilled of storage.keys(spillPrefix)) {',
    to: 'for (const spilled of []) {',
  },
  'the spill is removed before the disk has committed': {
    file: 'queue.ts',
    from: '        await disk.add(rows)',
    to: '        keys.forEach((key) => storage.remove(spillPrefix + key))\n        await disk.add(rows)',
  },
  'an id that the answer does not name counts as delivered': {
    file: 'core/decide.ts',
    from: "{ status = 'retry', code }",
    to: "{ status = 'accepted', code }",
  },
  'what was deleted under the page is not sent again': {
    file: 'sender.ts',
    from: 'if (lost[0]) {',
    to: 'lost = []\n      if (lost[0]) {',
  },
  'what was deleted waits behind what has no verdict': {
    file: 'sender.ts',
    from: '    if (returnAt === NEVER) {',
    to: '    if (behind.size) {\n      returnAt = afterBackoff(++returns)\n      behind = new Set()\n    } else if (returnAt === NEVER) {',
  },
  'a turn never ends': {
    file: 'turns.ts',
    from: 'return isOwn\n',
    to: 'return true\n',
  },
  'the lock of another tab is ignored': {
    file: 'turns.ts',
    from: 'if (!ran && isOver(ran === undefined)) await start()',
    to: 'if (!ran) await start()',
  },
  'a dropped call takes a number': {
    file: 'tracker.ts',
    from: 'const uuid = newId()\n',
    to: 'const uuid = newId()\n    if (seq === 3) seq++\n',
  },
  'there is no backoff': {
    file: 'sender.ts',
    from: 'notBefore = afterBackoff(++failures)',
    to: 'notBefore = elapsed() + 100',
  },
  'Retry-After is ignored': {
    file: 'sender.ts',
    from: 'pausedUntil = Math.max(pausedUntil, elapsed() + afterMs)',
    to: '',
  },
  'requests are as large as ever while nothing comes through': {
    file: 'sender.ts',
    from: "progress === 'none' ? 1 : grown",
    to: 'grown',
  },
  'a row goes with the first of its events': {
    file: 'queue.ts',
    from: 'rowText(readRow(row, text).filter(({ key }) => !ended.has(key)))',
    to: "''",
  },
  'an event that ends twice is counted twice': {
    file: 'core/ledger.ts',
    from: 'if (!open.delete(key)) return false',
    to: 'open.delete(key)',
  },
  'streams are forgotten though they have gone on': {
    file: 'streams.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    from: 'if (storage.get(prefix + stream) === `${lastSeq}`) storage',
    to: 'storage',
  },
  'one that is too large holds up the others': {
    file: 'core/decide.ts',
    from: "if (answer.kind === 'split') return { key, outcome: 'dropped', reason: 'too_large' }",
    to: "if (answer.kind === 'split') return undefined",
  },
}
