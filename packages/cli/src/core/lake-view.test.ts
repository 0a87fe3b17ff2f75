import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lakeView } from './lake-view.ts'

/** SQL without comments and with single spaces. */
function bare(sql: string): string {
  return sql.replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim()
}

test('the view is that of docs/lake.sql', () => {
  const published = fileURLToPath(new URL('../../../../docs/lake.sql', import.meta.url))
  const view = bare(lakeView({ small: true, compacted: true }))
  expect(view).toBe(bare(readFileSync(published, 'utf8')))
})
