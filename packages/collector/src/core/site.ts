import { remember } from './remember.ts'

/** Second-level labels under which countries register names, as in `example.co.uk`. */
const COUNTRY_REGISTRIES = new Set(
  'ac co com edu gob gov gouv ltd me mil ne net nom or org plc sch'.split(' '),
)

/** Hosts on which each subdomain is somebody's own site. */
const SHARED_HOSTS = new Set([
  'appspot.com',
  'azurewebsites.net',
  'blogspot.com',
  'firebaseapp.com',
  'fly.dev',
  'github.io',
  'gitlab.io',
  'herokuapp.com',
  'myshopify.com',
  'netlify.app',
  'onrender.com',
  'pages.dev',
  'surge.sh',
  'tumblr.com',
  'vercel.app',
  'web.app',
  'webflow.io',
  'wixsite.com',
  'wordpress.com',
  'workers.dev',
])

/** Different hosts whose site is remembered. */
const MAX_HOSTS = 1000

const IP_ADDRESS = /^[\d.]+$|[:[\]]/

/**
 * The site that a host belongs to: `shop.example.co.uk` gives `example.co.uk`. By a short list and not by the Public
 * Suffix List, whose 250 KB would serve to tell an internal referrer from an external one somewhat more often.
 */
export const siteOf: (host: string) => string = remember((host) => {
  if (IP_ADDRESS.test(host)) return host
  const labels = host.split('.')
  const [country = '', registry = ''] = [labels.at(-1), labels.at(-2)]
  const isUnderRegistry = country.length === 2 && COUNTRY_REGISTRIES.has(registry)
  const isShared = SHARED_HOSTS.has(labels.slice(-2).join('.'))
  return labels.slice(isUnderRegistry || isShared ? -3 : -2).join('.')
}, MAX_HOSTS)
