/** Calls that are made on both SDKs by one visitor, one after the other. */
export interface Visit {
  name: string
  address: string
  /** What follows `analytics.`; `done` is a callback. */
  calls: readonly string[]
}

/** Calls that build on each other. */
type Calls = readonly string[]

const TRACK: readonly Calls[] = [
  ["track('Bought')"],
  ["track('Bought', { total: 9 })"],
  ["track('Bought', null)"],
  ["track('Bought', undefined, { context: { ip: '0.0.0.0' } })"],
  ["track('Bought', { total: 9 }, null)"],
  ["track('Bought', { total: 9 }, null, done)"],
  ["track('Bought', null, null, done)"],
  ["track('Bought', [1])"],
  ["track('Bought', {}, { context: { ip: '0.0.0.0' } })"],
  ["track('Bought', { total: 9 }, { integrations: { All: false } }, done)"],
  ["track('Bought', done)"],
  ["track('Bought', { total: 9 }, done)"],
  ["track({ event: 'Bought', properties: { total: 9 } })"],
  ["track({ event: 'Bought', properties: { total: 9 } }, { context: { ip: '0.0.0.0' } })"],
  ["track({ event: 'Bought', properties: { total: 9 } }, { context: { ip: '0.0.0.0' } }, done)"],
]

const viewed = (view: 'page' | 'screen'): readonly Calls[] => [
  [`${view}()`],
  [`${view}('Home')`],
  [`${view}('Docs', 'Home')`],
  [`${view}({ plan: 'a' })`],
  [`${view}('Home', { plan: 'a' })`],
  [`${view}('Docs', 'Home', { plan: 'a' })`],
  [`${view}(null, 'Home', { plan: 'a' })`],
  [`${view}('Docs', 'Home', { plan: 'a' }, { context: { ip: '0.0.0.0' } })`],
  [`${view}('Home', { plan: 'a' }, { context: { ip: '0.0.0.0' } })`],
  [`${view}({ plan: 'a' }, { context: { ip: '0.0.0.0' } })`],
  [`${view}('Docs', 'Home', null, { context: { ip: '0.0.0.0' } })`],
  [`${view}(null, null, null, { context: { ip: '0.0.0.0' } })`],
  [`${view}(done)`],
  [`${view}('Home', done)`],
  [`${view}('Docs', 'Home', done)`],
  [`${view}('Home', { plan: 'a' }, done)`],
  [`${view}('Docs', 'Home', { plan: 'a' }, done)`],
  [`${view}('Docs', 'Home', { plan: 'a' }, { context: { ip: '0.0.0.0' } }, done)`],
  [`${view}('Home', { title: 'Other', url: 'https://shop.example/other', path: '/other' })`],
]

const IDENTIFY: readonly Calls[] = [
  ["identify('u1')"],
  ['identify(42)'],
  ["identify('u1', { plan: 'a' })"],
  ["identify({ plan: 'a' })"],
  ["identify(null, { plan: 'a' })"],
  ["identify('u1', { plan: 'a' }, { context: { ip: '0.0.0.0' } })"],
  ["identify('u1', { plan: 'a' }, { context: { ip: '0.0.0.0' } }, done)"],
  ["identify('u1', done)"],
  ["identify('u1', { plan: 'a' }, done)"],
  ["identify('u1', { plan: 'a' })", "identify('u1', { size: 2 })"],
  ["identify({ plan: 'a' })", "identify('u1', { size: 2 })"],
  ["identify('u1', { plan: 'a' })", 'identify({ size: 2 })', "track('Bought')"],
  ["identify('u1', { plan: 'a' })", "identify('u2', { size: 2 })", "track('Bought')"],
  ["identify('u1', { plan: 'a' })", 'reset()', 'identify({ size: 2 })', "track('Bought')"],
  ["identify('')"],
  ['identify()'],
  ["identify('u1', null)"],
  ["identify('u1', null, { context: { ip: '0.0.0.0' } })"],
  ["identify('u1', { plan: 'a' })", "identify('u1', { plan: null })", "identify('u1')"],
  ["setAnonymousId('a1')", "track('Bought')"],
]

const GROUP: readonly Calls[] = [
  ["group('g1')"],
  ['group(42)'],
  ["group('g1', { name: 'Engines' })"],
  ["group({ name: 'Engines' })"],
  ["group('g1', { name: 'Engines' }, { context: { ip: '0.0.0.0' } })"],
  ["group('g1', { name: 'Engines' }, { context: { ip: '0.0.0.0' } }, done)"],
  ["group('g1', done)"],
  ["group('g1', { name: 'Engines' })", "group('g1', { size: 2 })", "track('Bought')"],
  ["group('g1', { name: 'Engines' })", "group('g2', { size: 2 })"],
  ["group('g1', null)"],
  ["group(null, { name: 'Engines' })"],
  ["identify('u1')", "group('g1')"],
  ["group('g1', { name: 'Engines' })", 'reset()', 'group({ size: 2 })'],
]

const ALIAS: readonly Calls[] = [
  ["alias('new')"],
  ["alias('new', 'old')"],
  ['alias(2, 1)'],
  ["alias('new', 'old', { context: { ip: '0.0.0.0' } })"],
  ["alias('new', { context: { ip: '0.0.0.0' } })"],
  ["alias('new', 'old', done)"],
  ["alias('new', done)"],
  ["alias('new', null)"],
  ["alias('new', '')"],
  ["identify('u1')", "alias('new')"],
  ["identify('u1')", "alias('new', 'old')"],
]

const OPTIONS: readonly Calls[] = [
  ["track('Bought', {}, { timestamp: new Date(0) })"],
  ["track('Bought', {}, { timestamp: '2020-02-02T02:02:02.000Z' })"],
  ["track('Bought', {}, { timestamp: '2020-02-02' })"],
  ["track('Bought', {}, { timestamp: 1580608922000 })"],
  ["track('Bought', {}, { timestamp: 'yesterday' })"],
  ["track('Bought', {}, { timestamp: null })"],
  ["track('Bought', {}, { anonymousId: 'a1' })", "track('Bought')"],
  ["track('Bought', {}, { anonymousId: null, userId: null })"],
  ["identify('u1')", "track('Bought', {}, { userId: null })", "track('Bought', {}, { userId: 7 })"],
  ["track('Bought', {}, { userId: 'u9' })", "track('Bought')"],
  ["track('Bought', {}, { messageId: 'm1' })"],
  ["track('Bought', {}, { traits: { plan: 'a' } })"],
  ["track('Bought', {}, { ip: '0.0.0.0', custom: { deep: [1] } })"],
  ["track('Bought', {}, { ip: '0.0.0.0', context: { ip: '192.0.2.1', custom: 1 } })"],
  ["track('Bought', {}, { context: { page: { title: 'Other' } } })"],
  ["track('Bought', {}, { context: { campaign: { name: 'own' }, locale: 'de' } })"],
  ["track('Bought', {}, { integrations: { All: true, Slack: { channel: 'c' } } })"],
  ["identify('u1', {}, { anonymousId: 'a1' })"],
  ["page('Home', {}, { context: { page: { title: 'Other' } } })"],
]

/** Values that JSON has no word for, or several for. */
const VALUES: readonly Calls[] = [
  ["track('Bought', { at: new Date(0), none: undefined, nil: null, nan: NaN, list: [undefined] })"],
  ["track('Bought', { f() {}, deep: { map: new Map([[1, 2]]) }, text: '\\u2028 ä 😀' })"],
  ["track('Bought', { at: '2020-02-02T02:02:02.000Z', day: '2020-02-02' })"],
]

const ADDRESS = '/cart'
const HEAD = ["page('Home')", "track('Bought')", 'identify({})']

/** Every overload of Segment's documentation, at an address without more; then what depends on the address. */
export const VISITS: readonly Visit[] = [
  ...Object.entries({ track: TRACK, page: viewed('page'), screen: viewed('screen') }),
  ...Object.entries({ identify: IDENTIFY, group: GROUP, alias: ALIAS, options: OPTIONS }),
  ['values', VALUES] as const,
]
  .map(([name, lists]): Visit => ({ name, address: ADDRESS, calls: apart(lists) }))
  .concat([
    { name: 'a campaign', address: '/cart?q=1&utm_campaign=spring&utm_id=7#top', calls: HEAD },
    { name: 'an empty campaign', address: '/cart?utm_campaign=', calls: HEAD },
    { name: 'a canonical link', address: '/canonical/cart?q=1#top', calls: HEAD },
  ])

/** Each list begins with nobody known. */
function apart(lists: readonly Calls[]): string[] {
  return lists.flatMap((calls) => ['reset()', ...calls])
}
