/** What each event of a benchmark carries beside what tells it apart, in the browser and on the server. */
export const PROPERTIES = {
  category: 'bench',
  plan: 'pro',
  price: 19.99,
  currency: 'EUR',
  path: '/products/shoes/42',
  tags: ['a', 'b', 'c'],
  nested: { a: 1, b: 'two' },
}
