import { describe, expect, test } from 'vitest'
import { setCampaign } from './campaign.ts'
import { setChannel } from './channel.ts'
import { setClickIds } from './click-ids.ts'
import { setReferrer } from './referrer.ts'

/** The channel of a visit, as the steps before it prepare it. */
function channelOf(search: string, referrer = '') {
  const page = { url: `https://shop.example/${search}`, search, referrer }
  return setChannel(setReferrer(setClickIds(setCampaign({ context: { page } })))).context
}

describe('setChannel', () => {
  test.for([
    ['', '', 'Direct'],
    ['', 'https://shop.example/x', 'Direct'],
    ['', 'https://www.paypal.com/checkout', 'Direct'],
    ['', 'https://checkout.stripe.com/', 'Direct'],
    ['', 'https://accounts.google.com/', 'Direct'],
    ['', 'https://blog.example.org/', 'Referral'],
    ['', 'https://www.google.fr/', 'Organic Search'],
    ['', 'https://www.bing.com/', 'Organic Search'],
    ['', 'https://www.instagram.com/', 'Organic Social'],
    ['', 'https://lnkd.in/x', 'Organic Social'],
    ['', 'https://vimeo.com/1', 'Organic Video'],
    ['', 'https://www.etsy.com/', 'Organic Shopping'],
    ['', 'https://chatgpt.com/', 'AI Assistants'],
    ['?utm_source=chatgpt.com', '', 'AI Assistants'],
    ['', 'https://mail.google.com/', 'Email'],
    ['?gclid=x', '', 'Paid Search'],
    ['?gclid=x', 'https://www.google.com/', 'Paid Search'],
    ['?wbraid=x', 'https://www.youtube.com/', 'Paid Video'],
    ['?msclkid=x', 'https://www.bing.com/', 'Paid Search'],
    ['?fbclid=x', 'https://l.facebook.com/', 'Organic Social'],
    ['?ttclid=x', '', 'Paid Social'],
    ['?dclid=x', '', 'Display'],
    ['?utm_source=google&utm_medium=cpc', '', 'Paid Search'],
    ['?utm_source=google&utm_medium=cpc&utm_campaign=Cross-Network', '', 'Cross-network'],
    ['?utm_source=google&utm_medium=cpc&utm_campaign=spring+shopping', '', 'Paid Shopping'],
    ['?utm_source=google&utm_campaign=spring+shopping', '', 'Organic Shopping'],
    ['?utm_source=google&utm_medium=cpc&utm_campaign=workshop', '', 'Paid Search'],
    ['?utm_source=amazon&utm_medium=ppc', '', 'Paid Shopping'],
    ['?utm_source=FB&utm_medium=paid_social', '', 'Paid Social'],
    ['?utm_source=youtube.com&utm_medium=cpv', '', 'Paid Video'],
    ['?utm_source=youtube&utm_medium=cpc', '', 'Paid Video'],
    ['?utm_source=partner&utm_medium=banner', '', 'Display'],
    ['?utm_source=partner&utm_medium=cpm', '', 'Display'],
    ['?utm_source=partner&utm_medium=cpa', '', 'Paid Other'],
    ['?utm_source=partner&utm_medium=social', '', 'Organic Social'],
    ['?utm_source=partner&utm_medium=organic', '', 'Organic Search'],
    ['?utm_source=newsletter&utm_medium=email', '', 'Email'],
    ['?utm_medium=e-mail', '', 'Email'],
    ['?utm_source=partner&utm_medium=affiliate', '', 'Affiliates'],
    ['?utm_source=spotify&utm_medium=audio', '', 'Audio'],
    ['?utm_source=x1&utm_medium=sms', '', 'SMS'],
    ['?utm_source=app&utm_medium=push', '', 'Mobile Push'],
    ['?utm_source=newsletter', '', 'Referral'],
    ['?utm_source=newsletter&utm_medium=email', 'https://www.google.com/', 'Email'],
    ['?utm_source=so&utm_medium=link', '', 'Referral'],
  ])('%s from %j is %s', ([search, referrer, channel]) => {
    expect(channelOf(search as string, referrer)).toMatchObject({ channel })
  })

  test('says nothing without the URL of a page, and nothing over the client', () => {
    for (const event of [
      { type: 'page' },
      { context: { page: { title: 'T' } } },
      { context: { page: { url: 'https://shop.example/' }, channel: 'own' } },
    ]) {
      expect(setChannel(event)).toBe(event)
    }
  })
})
