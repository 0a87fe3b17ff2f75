import { formatPrice, productFields } from './catalogue.js'
import { cartTotal, emptyCart, readCart, signIn } from './shop.js'

const byId = (id) => document.getElementById(id)
const cart = readCart()
const total = cartTotal(cart)
const items = cart.map((item) => ({ ...productFields(item), quantity: item.quantity }))

byId('empty').hidden = cart.length > 0
byId('checkout').hidden = cart.length === 0
byId('total').textContent = formatPrice(total)
for (const { name, quantity, price } of cart) {
  const row = byId('items').insertRow()
  for (const text of [name, quantity, formatPrice(price * quantity)]) {
    row.insertCell().textContent = text
  }
}

tributary.page('Shop', 'Cart')
tributary.track('Cart Viewed', { products: items })

byId('start').addEventListener('click', ({ target }) => {
  target.hidden = true
  byId('details').hidden = false
  byId('order').elements.name.focus()
  tributary.track('Checkout Started', { value: total, currency: 'EUR', products: items })
})

byId('order').addEventListener('submit', (submitted) => {
  submitted.preventDefault()
  const { name, email, company } = Object.fromEntries(new FormData(submitted.target))
  const orderId = `R-${Date.now().toString(36).toUpperCase()}`

  tributary.identify(email, { name, email })
  if (company) tributary.group(company.toLowerCase(), { name: company })
  tributary.track('Order Completed', {
    order_id: orderId,
    total,
    revenue: total,
    currency: 'EUR',
    products: items,
  })

  signIn(name)
  emptyCart()
  byId('checkout').hidden = true
  byId('thanks').hidden = false
  byId('order-id').textContent = orderId
  byId('heading').textContent = `Thank you, ${name}`
  byId('heading').focus()
})
