import type { TributaryEvent } from '@tributary/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createHooks } from './hooks.ts'
import type { EventHook, Plugin } from './plugin.ts'

let errors: unknown[]
beforeEach(() => {
  errors = []
})

const open = (beforeSend?: EventHook) => createHooks(beforeSend, (error) => errors.push(error))

const event = (): TributaryEvent => ({ type: 'track', event: 'E', properties: {}, messageId: 'm' })

/** A hook that writes its name into the event. */
const mark =
  (name: string): EventHook =>
  (seen) => {
    if (seen.type === 'track') seen.properties = { ...seen.properties, [name]: true }
  }

/** The marks on an event, in their order. */
const marks = (seen: unknown): string[] => Object.keys((seen as { properties: object }).properties)

test('middleware, before, enrichment and beforeSend run in this order, whatever the order of their arrival', () => {
  const hooks = open(mark('beforeSend'))
  hooks.add({ track: mark('enrichment by default') })
  hooks.add({ type: 'after', track: mark('after') })
  hooks.add({ type: 'destination', track: mark('destination') })
  hooks.add({ type: 'enrichment', track: mark('enrichment') })
  hooks.add({ type: 'before', track: mark('before') })
  hooks.addMiddleware(({ payload, next }) => {
    mark('middleware')(payload.obj)
    next(payload)
  })
  const order = ['middleware', 'before', 'enrichment by default', 'enrichment', 'beforeSend']
  const seen = hooks.run(event())
  expect(marks(seen)).toEqual(order)
  hooks.tell('destination', seen as TributaryEvent)
  hooks.tell('after', seen as TributaryEvent)
  expect(marks(seen)).toEqual([...order, 'destination', 'after'])
})

test('a plugin sees the types that it names, as its own method', () => {
  const hooks = open()
  const seen: unknown[] = []
  const plugin = {
    label: 'mine',
    page() {
      seen.push(this.label)
    },
  }
  hooks.add(plugin)
  hooks.run(event())
  expect(seen).toEqual([])
  hooks.run({ type: 'page', messageId: 'p' })
  expect(seen).toEqual(['mine'])
})

const drop = (): null => null
const throwIt = (): never => {
  throw new Error('mine')
}
const late = async (): Promise<void> => {}
const swallow = { payload: { obj: event() } }

test.each<[string, Plugin['type'] | 'beforeSend' | 'middleware', unknown, string]>([
  ['null drops', 'before', drop, 'hook'],
  ['null drops', 'enrichment', drop, 'hook'],
  ['null drops', 'beforeSend', drop, 'hook'],
  ['no call of next drops', 'middleware', () => swallow, 'hook'],
  ['next(null) drops', 'middleware', ({ next }: { next(it: null): void }) => next(null), 'hook'],
  ['what it throws drops: it might have redacted', 'before', throwIt, 'hook_failed'],
  ['what it throws drops: it might have redacted', 'beforeSend', throwIt, 'hook_failed'],
  ['what it throws drops: it might have redacted', 'middleware', throwIt, 'hook_failed'],
  ['a promise is too late, and drops', 'before', late, 'hook_failed'],
  ['a promise is too late, and drops', 'enrichment', late, 'hook_failed'],
  ['a promise is too late, and drops', 'beforeSend', late, 'hook_failed'],
  ['something that is no event drops', 'beforeSend', () => 'yes', 'hook_failed'],
])('%s (%s)', (_, stage, hook, reason) => {
  const hooks = open(stage === 'beforeSend' ? (hook as EventHook) : undefined)
  if (stage === 'middleware') hooks.addMiddleware(hook as never)
  else if (stage !== 'beforeSend') hooks.add({ type: stage, track: hook as EventHook } as Plugin)
  expect(hooks.canChange()).toBe(true)
  expect(hooks.run(event())).toBe(reason)
  expect(errors).toHaveLength(hook === throwIt ? 1 : 0)
})

test('what an enrichment throws is told, and the event goes on through the others', () => {
  const hooks = open(mark('beforeSend'))
  hooks.add({ track: throwIt })
  hooks.add({ track: mark('next') })
  expect(marks(hooks.run(event()))).toEqual(['next', 'beforeSend'])
  expect(errors).toEqual([new Error('mine')])
})

test('what a plugin throws that only looks on is told', () => {
  const hooks = open()
  hooks.add({ type: 'destination', track: throwIt })
  hooks.tell('destination', event())
  expect(errors).toHaveLength(1)
})

test('another event may take the place of the one that came', () => {
  const other = { ...event(), event: 'Other' }
  const hooks = open(() => other)
  expect(hooks.run(event())).toBe(other)
})

test.each([null, undefined, 'noise', 5, { track: 'no function' }, { type: 'before', track: 1 }])(
  'a plugin that is none (%j) costs no event',
  (plugin) => {
    const hooks = open()
    hooks.add(plugin as Plugin)
    expect(hooks.run(event())).toEqual(event())
  },
)
