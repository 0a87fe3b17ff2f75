import { expect, it } from 'vitest'
import { hurry, shrink, slowDown, speedUp, startPace } from './pace.ts'

it('waits as long as is told, and never less than before', () => {
  const slow = slowDown(startPace(8), 1000, 5000, 0)
  expect(slow).toMatchObject({ isDown: true, notBeforeMs: 6000 })
  expect(slowDown(slow, 1000, 100, 0).notBeforeMs).toBe(6000)
  const up = speedUp(slow, 8, 2000)
  expect(up.isDown).toBe(false)
  expect(up.notBeforeMs).toBeLessThanOrEqual(2000)
})

it('keeps to a pause that the collector asked for, whatever else gets through', () => {
  const asked = slowDown(startPace(8), 1000, 5000, 5000)
  expect(speedUp(asked, 8, 2000).notBeforeMs).toBe(6000)
})

it('halves what was too large, down to one, and grows again by a tenth', () => {
  const halved = shrink(startPace(80), 80)
  expect(halved.maxEvents).toBe(40)
  expect(speedUp(halved, 80, 0).maxEvents).toBe(44)
  expect(shrink(halved, 3).maxEvents).toBe(2)
  expect(shrink(halved, 1).maxEvents).toBe(1)
  expect(speedUp(shrink(halved, 1), 80, 0).maxEvents).toBe(2)
  expect(speedUp(startPace(80), 80, 0).maxEvents).toBe(80)
})

it('in a hurry, waits only where the collector asked for it', () => {
  expect(hurry(slowDown(startPace(8), 1000, 5000, 0)).notBeforeMs).toBe(1000)
  expect(hurry(slowDown(startPace(8), 1000, 7000, 7000)).notBeforeMs).toBe(8000)
})
