import { PRODUCTS } from './catalogue.js'

/** The items in the cart, each a product with its quantity. */
export function readCart() {
  const quantities = read('cart', {})
  return PRODUCTS.filter(({ id }) => quantities[id] > 0).map((product) => ({
    ...product,
    quantity: quantities[product.id],
  }))
}

/** Puts one more of a product into the cart. */
export function addToCart(id) {
  const quantities = read('cart', {})
  write('cart', { ...quantities, [id]: (quantities[id] ?? 0) + 1 })
  showHeader()
}

/** Empties the cart. */
export function emptyCart() {
  write('cart', {})
  showHeader()
}

/** Price of the whole cart in euros. */
export function cartTotal(cart) {
  return cart.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
}

/** Remembers who has bought, for the header. */
export function signIn(name) {
  write('customer', name)
  showHeader()
}

/** Shows who is signed in and what is in the cart, on every page. */
export function showHeader() {
  const customer = read('customer', '')
  const count = readCart().reduce((sum, { quantity }) => sum + quantity, 0)
  document.getElementById('cart-count').textContent = String(count)
  document.getElementById('customer').textContent = customer
  document.getElementById('signed-in').hidden = !customer
}

document.getElementById('sign-out').addEventListener('click', () => {
  write('customer', '')
  showHeader()
  // The next visitor of this browser is someone else.
  tributary.reset()
})
showHeader()

function read(key, fallback) {
  return JSON.parse(localStorage.getItem(`shop:${key}`)) ?? fallback
}

function write(key, value) {
  localStorage.setItem(`shop:${key}`, JSON.stringify(value))
}
