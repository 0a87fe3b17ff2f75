import { expect, test } from 'vitest'
import { createEmitter } from './emitter.ts'

test('listeners hear their own name, in their order, until they are taken off', () => {
  const heard: unknown[] = []
  const emitter = createEmitter()
  const first = (...args: unknown[]): unknown => heard.push(['first', ...args])
  emitter.on('a', first)
  emitter.on('a', (...args) => heard.push(['second', ...args]))
  emitter.emit('a', 1, 2)
  emitter.emit('b', 3)
  emitter.off('a', first)
  emitter.off('a', () => {})
  emitter.off('nobody listens', first)
  emitter.emit('a', 4)
  expect(heard).toEqual([
    ['first', 1, 2],
    ['second', 1, 2],
    ['second', 4],
  ])
})

test('once is once, also where the listener causes the same again, and can be taken off before', () => {
  const heard: number[] = []
  const emitter = createEmitter()
  emitter.once('a', (depth: number) => {
    heard.push(depth)
    emitter.emit('a', depth + 1)
  })
  const never = (): unknown => heard.push(-1)
  emitter.once('a', never)
  emitter.off('a', never)
  emitter.emit('a', 0)
  emitter.emit('a', 9)
  expect(heard).toEqual([0])
})

test('what a listener throws costs no other listener its turn', () => {
  const heard: unknown[] = []
  const emitter = createEmitter()
  emitter.on('a', () => {
    throw new Error('mine')
  })
  // @ts-expect-error: a page in plain JavaScript can pass anything
  emitter.on('a', undefined)
  emitter.on('a', (what: unknown) => heard.push(what))
  emitter.emit('a', 1)
  expect(heard).toEqual([1])
})

test('a listener that adds another does not go on for ever', () => {
  const emitter = createEmitter()
  let calls = 0
  const add = (): void => {
    if (++calls < 1000) emitter.on('a', () => add())
  }
  emitter.on('a', add)
  emitter.emit('a')
  expect(calls).toBe(1)
})

test.each(['constructor', '__proto__', 'toString'])('a name such as %s is a name', (name) => {
  const heard: unknown[] = []
  const emitter = createEmitter()
  emitter.emit(name, 0)
  emitter.on(name, (what: unknown) => heard.push(what))
  emitter.emit(name, 1)
  emitter.off(name, () => {})
  expect(heard).toEqual([1])
})
