import { formatPrice, PRODUCTS, productFields } from './catalogue.js'
import { addToCart } from './shop.js'

const id = new URLSearchParams(location.search).get('id')
const product = PRODUCTS.find((one) => one.id === id)

if (product) show(product)
else {
  document.getElementById('missing').hidden = false
  tributary.page('Shop', 'Product Missing')
}

function show(shown) {
  const { name, category, price, picture, text } = shown
  document.title = `${name} · Rill & Stone`
  for (const [key, value] of Object.entries({ name, category, text, price: formatPrice(price) })) {
    document.getElementById(key).textContent = value
  }
  document.getElementById('picture').setAttribute('d', picture)
  document.getElementById('product').hidden = false

  tributary.page('Shop', 'Product')
  tributary.track('Product Viewed', productFields(shown))

  document.getElementById('add').addEventListener('click', () => {
    addToCart(shown.id)
    document.getElementById('added').innerHTML =
      'It is in your cart. <a href="cart.html" data-testid="go-to-cart">Go to the cart</a>'
    tributary.track('Product Added', { ...productFields(shown), quantity: 1 })
  })
}
