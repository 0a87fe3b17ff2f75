import { formatPrice, PRODUCTS, productFields } from './catalogue.js'
import './shop.js'

const list = document.getElementById('products')

for (const { id, name, category, price, picture } of PRODUCTS) {
  const item = document.createElement('li')
  // The catalogue is our own; nothing that a visitor writes comes in here.
  item.innerHTML = `<a class="card" href="product.html?id=${id}" data-testid="product-${id}">
    <svg class="picture" viewBox="0 0 120 90" aria-hidden="true"><path fill="currentColor" d="${picture}"/></svg>
    <div>
      <h2>${name}</h2>
      <p class="quiet">${category}</p>
      <span class="price">${formatPrice(price)}</span>
    </div>
  </a>`
  list.append(item)
}

tributary.page('Shop', 'Products')
tributary.track('Product List Viewed', {
  list_id: 'all',
  products: PRODUCTS.map((product, index) => ({ ...productFields(product), position: index + 1 })),
})
list.addEventListener('click', ({ target }) => {
  const id = new URL(target.closest('a')?.href ?? location.href).searchParams.get('id')
  const product = PRODUCTS.find((one) => one.id === id)
  // The page goes away at once: the tracker sends this on the way out, or the next page does.
  if (product) tributary.track('Product Clicked', productFields(product))
})
