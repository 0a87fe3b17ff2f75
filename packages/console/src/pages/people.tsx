import type { JSX } from 'preact'

export function PeoplePage(): JSX.Element {
  return <h1>People</h1>
}
