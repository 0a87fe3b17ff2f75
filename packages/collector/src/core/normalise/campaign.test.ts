import { describe, expect, test } from 'vitest'
import { setCampaign } from './campaign.ts'
import { setClickIds } from './click-ids.ts'

const withSearch = (search: string, context = {}) => ({ context: { page: { search }, ...context } })

describe('setCampaign', () => {
  test.for([
    [
      '?utm_source=news&utm_medium=e-mail&utm_campaign=Autumn+Sale&utm_id=7&utm_creative_format=x',
      { source: 'news', medium: 'e-mail', name: 'Autumn Sale', id: '7', creative_format: 'x' },
    ],
    ['utm_source=a%20b', { source: 'a b' }],
    ['?utm_source=a&utm_source=b', { source: 'b' }],
    ['?utm_source=%E0%A4%A', { source: '%E0%A4%A' }],
    ['?utm_source', { source: '' }],
    ['?x=1&utm_term=a=b', { term: 'a=b' }],
  ])('reads %j', ([search, campaign]) => {
    expect(setCampaign(withSearch(search as string)).context).toMatchObject({ campaign })
  })

  test('takes __proto__ for a name like any other', () => {
    const { context } = setCampaign(withSearch('?utm___proto__=x'))
    expect(JSON.stringify(context)).toContain('"campaign":{"__proto__":"x"}')
  })

  test('does not touch what the client says', () => {
    const event = withSearch('?utm_source=a&utm_medium=b', { campaign: { source: 'own' } })
    expect(setCampaign(event)).toBe(event)
    expect(setCampaign(withSearch('?utm_source=a', { campaign: {} })).context).toMatchObject({
      campaign: { source: 'a' },
    })
  })

  test.for([['?utm_=1'], ['?a=utm_source'], [''], ['?mutm_source=1']])(
    'finds nothing in %j',
    ([search]) => {
      const event = withSearch(search as string)
      expect(setCampaign(event)).toBe(event)
    },
  )
})

describe('setClickIds', () => {
  test.for([
    ['gclid'],
    ['gbraid'],
    ['wbraid'],
    ['dclid'],
    ['fbclid'],
    ['msclkid'],
    ['ttclid'],
    ['li_fat_id'],
    ['twclid'],
  ])('reads %s', ([name]) => {
    expect(setClickIds(withSearch(`?a=1&${name}=C%2B0_kd-w`)).context).toMatchObject({
      clickIds: { [name as string]: 'C+0_kd-w' },
    })
  })

  test('keeps several, and the client’s own', () => {
    expect(setClickIds(withSearch('?gclid=1&dclid=2')).context).toMatchObject({
      clickIds: { gclid: '1', dclid: '2' },
    })
    const own = withSearch('?gclid=1', { clickIds: {} })
    expect(setClickIds(own)).toBe(own)
    const none = withSearch('?myclid=1')
    expect(setClickIds(none)).toBe(none)
  })
})
