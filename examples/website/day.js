import { PRODUCTS, productFields } from './catalogue.js'

const HOUR_MS = 60 * 60 * 1000

/** Between two calls: as fast as one can watch, and slow enough that it is seen to happen. */
const PAUSE_MS = 15

const CAMPAIGNS = ['newsletter', 'autumn', undefined, undefined, undefined]

/** Who comes by in a day; `hour` counts from 24 hours ago. */
const VISITS = [
  ...Array.from({ length: 14 }, (_, index) => ({ hour: 1 + index * 1.6, steps: [browse] })),
  { hour: 8.2, steps: [browse, signUp], person: person('Ada', 'Engines') },
  { hour: 9.1, steps: [browse, buy], person: person('Grace', 'Compilers') },
  // The same person again, at another device: it becomes one profile.
  { hour: 13.4, steps: [browse, signIn, buy], person: person('Ada', 'Engines') },
  // On a train: what is recorded in the tunnel leaves after it.
  { hour: 14.7, steps: [browse, inTunnel], person: person('Linus', 'Kernels') },
  // One tablet, two people, one after the other: they stay two.
  {
    hour: 18.2,
    steps: [signIn, buy, handOver],
    person: person('Mary', 'Household'),
    next: person('Joan', 'Household'),
  },
  { hour: 20.5, steps: [browse, buy], person: person('Alan', 'Engines') },
].sort((a, b) => a.hour - b.hour)

/** Orders of the day, for the server. */
const orders = []

/** Plays a day of traffic through the tracker of this very page. Each visitor is a `reset` away from the last. */
export async function playDay(showProgress) {
  const startMs = Date.now() - 24 * HOUR_MS
  for (const [index, { hour, steps, person, next }] of VISITS.entries()) {
    tributary.reset()
    const visit = {
      atMs: startMs + hour * HOUR_MS,
      person,
      next,
      product: PRODUCTS[index % PRODUCTS.length],
    }
    for (const step of steps) await step(visit)
    showProgress((index + 1) / VISITS.length)
  }
  tributary.reset()
  await sendNonsense()
  await tributary.flush()
  await tellServer()
}

function person(name, company) {
  return { name, company, email: `${name.toLowerCase()}@example.com` }
}

async function browse(visit) {
  const campaign = CAMPAIGNS[Math.floor(visit.atMs / 1000) % CAMPAIGNS.length]
  const search = campaign ? `?utm_source=${campaign}&utm_medium=email` : ''
  await call(visit, 'page', 'Shop', 'Products', search ? { search } : {})
  await call(visit, 'track', 'Product List Viewed', { list_id: 'all' })
  await call(visit, 'track', 'Product Clicked', productFields(visit.product))
  await call(visit, 'page', 'Shop', 'Product', {})
  await call(visit, 'track', 'Product Viewed', productFields(visit.product))
}

async function signUp(visit) {
  await signIn(visit)
  await call(visit, 'track', 'Signed Up', { method: 'email' })
}

async function signIn(visit) {
  const { name, email, company } = visit.person
  await call(visit, 'identify', email, { name, email })
  await call(visit, 'group', company.toLowerCase(), { name: company })
}

async function buy(visit) {
  const items = [{ ...productFields(visit.product), quantity: 2 }]
  const total = visit.product.price * 2
  await call(visit, 'track', 'Product Added', items[0])
  await call(visit, 'page', 'Shop', 'Cart', {})
  await call(visit, 'track', 'Checkout Started', { value: total, currency: 'EUR', products: items })
  await signIn(visit)
  const orderId = `R-${visit.atMs.toString(36).toUpperCase()}`
  const order = { order_id: orderId, total, revenue: total, currency: 'EUR', products: items }
  const atMs = visit.atMs
  await call(visit, 'track', 'Order Completed', order)
  orders.push({ userId: visit.person.email, orderId, total, atMs, hasProblem: orders.length === 1 })
}

async function handOver(visit) {
  tributary.reset()
  visit.person = visit.next
  await signIn(visit)
  await call(visit, 'track', 'Product Added', productFields(visit.product))
}

/** The network is gone while somebody buys; the tracker keeps what it records, and sends it once there is one again. */
async function inTunnel(visit) {
  const { fetch } = window
  window.fetch = () => Promise.reject(new TypeError('No network in the tunnel'))
  try {
    await buy(visit)
    await pause(1500)
  } finally {
    window.fetch = fetch
  }
}

/** The rest of each order happens on the server, which tells of it by the SDK for Node; a site without one goes without. */
async function tellServer() {
  const body = JSON.stringify(orders.splice(0))
  await fetch('/server/orders', { method: 'POST', body }).catch(() => undefined)
}

/** An old integration, which sends what nobody can read: quarantine has it. */
async function sendNonsense() {
  const { writeKey } = document.querySelector('[data-write-key]').dataset
  const bodies = [{ type: 'track' }, { type: 'track', event: 7 }, { type: 'order', total: 12 }]
  const batch = bodies.map((body, index) => ({ ...body, anonymousId: `legacy-${index}` }))
  await fetch('/v1/batch', { method: 'POST', body: JSON.stringify({ writeKey, batch }) })
}

/** One call of the tracker, as of the visit's time, which then goes on by some seconds. */
async function call(visit, name, ...parameters) {
  const options = { timestamp: new Date(visit.atMs) }
  visit.atMs += 4000 + (visit.atMs % 19) * 1000
  tributary[name](...parameters, options)
  await pause(PAUSE_MS)
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms))
}

const button = document.getElementById('play-day')
const note = document.getElementById('play-note')
button.addEventListener('click', async () => {
  button.disabled = true
  await playDay((share) => {
    note.textContent = `Playing: ${Math.round(share * 100)} %`
  })
  note.textContent = 'Played. The console has it all.'
  button.disabled = false
})
