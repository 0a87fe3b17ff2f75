import { describe, expect, test } from 'vitest'
import type { Arrival, DeviceFacts } from '../arrival.ts'
import type { IpPolicy } from '../source-config.ts'
import { setIp } from './ip.ts'
import { setLocation } from './location.ts'

const location = {
  country: 'DE',
  region: 'Berlin',
  city: 'Berlin',
  postalCode: '10115',
  latitude: 52.5,
  longitude: 13.4,
  timezone: 'Europe/Berlin',
}

function arrival(ip: IpPolicy, device?: DeviceFacts, ipHashes?: Map<string, string>): Arrival {
  const known: Arrival = { source: { id: 's', ip }, receivedAtMs: 0, messageId: 'm' }
  return { ...known, ...(device && { device }), ...(ipHashes && { ipHashes }) }
}

describe('setIp', () => {
  test.for([
    ['203.0.113.9', '203.0.113.0'],
    [' 203.0.113.9 ', '203.0.113.0'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:0DB8:0001::9', '2001:db8:1::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['1::2:3:4:5:6:7', '1:0:2::'],
    ['fe80::1%eth0', 'fe80:0:0::'],
    ['::1', '0:0:0::'],
    ['0.0.0.0', '0.0.0.0'],
  ])('truncates %s to %s, and that no further', ([ip, kept]) => {
    const once = setIp({ context: { ip: ip as string } }, arrival('truncate'))
    expect(once).toEqual({ context: { ip: kept } })
    expect(setIp(once, arrival('truncate'))).toBe(once)
  })

  test.for([
    ['203.0.113.256'],
    ['203.0.113'],
    ['203.0.113.9, 10.0.0.1'],
    ['203.0.113.9:80'],
    ['1:2:3'],
    ['1::2::3'],
    ['12345::'],
    ['unknown'],
    [''],
    [5],
    [{ v4: '203.0.113.9' }],
  ])('keeps nothing of %j where it must truncate', ([ip]) => {
    const event = { ip: ip as string, context: { ip: ip as string, locale: 'de' } }
    expect(setIp(event, arrival('truncate'))).toEqual({ context: { locale: 'de' } })
    const device = { ip: '198.51.100.7' }
    expect(setIp(event, arrival('truncate', device)).context).toEqual({
      ip: '198.51.100.0',
      locale: 'de',
    })
  })

  test('removes every address but the opt-out', () => {
    const event = { ip: '203.0.113.9', context: { ip: '203.0.113.9' } }
    expect(setIp(event, arrival('remove', { ip: '203.0.113.9' }))).toEqual({ context: {} })
    const optOut = { context: { ip: '0.0.0.0' } }
    expect(setIp(optOut, arrival('remove', { ip: '203.0.113.9' }))).toBe(optOut)
  })

  test('writes the hash, or nothing and a flag where there is no secret', () => {
    const hashes = new Map([['203.0.113.9', `h_${'a'.repeat(32)}`]])
    const device = { ip: '203.0.113.9' }
    const hashed = setIp({}, arrival('hash', device, hashes))
    expect(hashed).toEqual({ context: { ip: `h_${'a'.repeat(32)}` } })
    expect(setIp(hashed, arrival('hash', device, hashes))).toBe(hashed)
    expect(setIp({ context: { ip: '203.0.113.9' } }, arrival('hash', device))).toEqual({
      context: {},
      _tributary: { flags: ['ip_secret_missing'] },
    })
  })

  test('fills in the device, the client’s own word before it', () => {
    const device = { ip: '203.0.113.9' }
    expect(setIp({}, arrival('keep', device))).toEqual({ context: { ip: '203.0.113.9' } })
    for (const ip of ['0.0.0.0', '198.51.100.7', 'unknown']) {
      expect(setIp({ context: { ip } }, arrival('keep', device)).context).toEqual({ ip })
    }
    expect(setIp({ ip: '0.0.0.0' }, arrival('keep', device))).toEqual({ ip: '0.0.0.0' })
  })
})

describe('setLocation', () => {
  const { country, region, city } = location
  test.for([
    ['keep', location],
    ['truncate', { country, region, city }],
    ['hash', { country, region, city }],
    ['remove', { country }],
  ] as const)('under %s', ([policy, expected]) => {
    expect(setLocation({}, arrival(policy, { location })).context).toEqual({ location: expected })
  })

  test('is nowhere for a server, for who opted out, and not over the client', () => {
    const own = { context: { location: { city: 'Paris' } } }
    expect(setLocation(own, arrival('keep', { location }))).toBe(own)
    const optOut = { context: { ip: '0.0.0.0' } }
    expect(setLocation(optOut, arrival('keep', { location }))).toBe(optOut)
    expect(setLocation({}, arrival('keep'))).toEqual({})
  })
})
