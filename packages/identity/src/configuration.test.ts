import { expect, test } from 'vitest'
import { type IdentityConfig, resolveConfiguration } from './configuration.ts'

test('what is not set has the value of the rules', () => {
  const rules = resolveConfiguration({ limits: { email: 2 }, fanout: { crm: 1 } })
  expect(Object.fromEntries(rules.limits)).toEqual({
    userId: 1,
    email: 2,
    phone: 5,
    deviceId: 20,
    anonymousId: 500,
    other: 5,
    total: 1000,
  })
  expect(Object.fromEntries(rules.fanout)).toEqual({
    email: 5,
    phone: 5,
    deviceId: 10,
    anonymousId: 10,
    crm: 1,
  })
  expect(rules.onlyTrusted).toBe(false)
})

test.for<[unknown, string]>([
  [{ limit: {} }, 'identity.limit is not known'],
  [{ limits: { email: 0 } }, 'identity.limits.email must be'],
  [{ limits: { email: 1.5 } }, 'identity.limits.email must be'],
  [{ limits: [1] }, 'identity.limits must hold'],
  [{ fanout: { email: '5' } }, 'identity.fanout.email must be'],
  [{ fanout: { userId: 5 } }, 'identity.fanout.userId cannot be set'],
  [{ blocked: 'x' }, 'identity.blocked must be a list'],
  [{ blocked: ['x', ' '] }, 'identity.blocked[1] must be'],
  [{ promoteEmail: true }, 'identity.promoteEmail must be'],
  [{ priority: ['userId'] }, 'identity.priority must have a place for "*"'],
  [{ priority: ['*', 'email', '*'] }, 'identity.priority[2] "*" is there twice'],
  [{ priority: 'email' }, 'identity.priority must be a list'],
])('%j is refused by the name of the field', ([config, message]) => {
  expect(() => resolveConfiguration(config as IdentityConfig)).toThrow(message)
})
