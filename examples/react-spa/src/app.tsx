import { usePageViews } from '@tributary/browser/react'
import { useEffect, useState } from 'react'
import { CUPS, type Cup } from './cups.ts'
import { linkTo, useRoute } from './route.ts'
import { useTrack, useTributary } from './tracking.ts'

export function App() {
  const id = useRoute().get('cup')
  const cup = CUPS.find((one) => one.id === id)
  const name = cup ? cup.name : 'Cups'
  // Before the page call, which takes the title with it.
  useEffect(() => {
    document.title = name
  }, [name])
  usePageViews(id ?? '', name)
  return (
    <>
      <h1>{name}</h1>
      {cup ? <Detail key={cup.id} cup={cup} /> : <List />}
      <SignIn />
    </>
  )
}

function List() {
  const track = useTrack()
  const [cups, setCups] = useState(CUPS)
  function sort() {
    track('List Sorted', { by: 'price' })
    setCups([...cups].sort((a, b) => a.price - b.price))
  }
  return (
    <>
      <ul>
        {cups.map(({ id, name, price }) => (
          <li key={id}>
            <a {...linkTo(`?cup=${id}`)}>{name}</a> {price} €
          </li>
        ))}
      </ul>
      <button type="button" onClick={sort}>
        Cheapest first
      </button>
    </>
  )
}

function Detail({ cup }: { cup: Cup }) {
  const track = useTrack()
  return (
    <>
      <p>{cup.price} €</p>
      <button type="button" onClick={() => track('Cup Viewed', { cup: cup.id })}>
        Look closer
      </button>
      <button
        type="button"
        onClick={() => track('Cup Ordered', { cup: cup.id, price: cup.price, size: 'L' })}
      >
        Order
      </button>
      <a {...linkTo('?')}>All cups</a>
    </>
  )
}

function SignIn() {
  const tributary = useTributary()
  return (
    <button type="button" onClick={() => tributary.identify('ada', { plan: 'pro' })}>
      Sign in
    </button>
  )
}
