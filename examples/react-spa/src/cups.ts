/** Something to look at and to order. */
export interface Cup {
  id: string
  name: string
  price: number
}

export const CUPS: readonly Cup[] = [
  { id: 'espresso', name: 'Espresso cup', price: 9 },
  { id: 'latte', name: 'Latte bowl', price: 14 },
  { id: 'tea', name: 'Tea glass', price: 11 },
]
