const CUP = 'M30 26h52v26a26 20 0 0 1-52 0zM84 32h6a10 10 0 0 1 0 20h-6v-6h5a5 5 0 0 0 0-9h-5z'
const POT =
  'M36 38h46v14a23 22 0 0 1-46 0zM54 26h10v8H54zM32 34h54v4H32zM84 44l16-10v8L84 54zM34 42h-8a8 10 0 0 0 8 18z'
const BOARD = 'M26 32h58a6 6 0 0 1 6 6v4h10v6H90v4a6 6 0 0 1-6 6H26a6 6 0 0 1-6-6V38a6 6 0 0 1 6-6z'
const BOWL = 'M22 38h76a38 30 0 0 1-28 29v5H50v-5a38 30 0 0 1-28-29z'
const SPOON = 'M20 45a14 9 0 0 1 27-3h53v6H47a14 9 0 0 1-27-3z'
const CLOTH = 'M32 20h56v44l-7 6-7-6-7 6-7-6-7 6-7-6-7 6-7-6zM38 30h44v4H38zM38 40h44v4H38z'

/** Everything in the shop. `price` is in euros; `picture` is the path of an SVG of 120 by 90. */
export const PRODUCTS = [
  {
    id: 'cup',
    sku: 'RS-001',
    name: 'Stoneware cup',
    category: 'Drinking',
    price: 18,
    picture: CUP,
    text: 'Thick walls, a wide handle, and a glaze that is never the same twice.',
  },
  {
    id: 'teapot',
    sku: 'RS-002',
    name: 'River teapot',
    category: 'Drinking',
    price: 64,
    picture: POT,
    text: 'Pours without a drop on the cloth. Holds four cups.',
  },
  {
    id: 'board',
    sku: 'RS-003',
    name: 'Oak board',
    category: 'Preparing',
    price: 39.5,
    picture: BOARD,
    text: 'One piece of slow-grown oak, oiled by hand.',
  },
  {
    id: 'bowl',
    sku: 'RS-004',
    name: 'Breakfast bowl',
    category: 'Eating',
    price: 24,
    picture: BOWL,
    text: 'Deep enough for porridge, pretty enough for fruit.',
  },
  {
    id: 'spoon',
    sku: 'RS-005',
    name: 'Olive spoon',
    category: 'Preparing',
    price: 12.5,
    picture: SPOON,
    text: 'Light in the hand, kind to the pan.',
  },
  {
    id: 'cloth',
    sku: 'RS-006',
    name: 'Linen cloth',
    category: 'Preparing',
    price: 16,
    picture: CLOTH,
    text: 'Washed soft, dries fast, lasts for years.',
  },
]

/** A price as people read it. */
export function formatPrice(euros) {
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(euros)
}

/** A product as Segment's e-commerce events name its fields. */
export function productFields({ id, sku, name, category, price }) {
  return { product_id: id, sku, name, category, price, currency: 'EUR' }
}
