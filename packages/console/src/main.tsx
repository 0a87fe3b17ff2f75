import { render } from 'preact'
import { App } from './app.tsx'
import { takeKeys } from './navigate.ts'

const root = document.getElementById('app')
if (root) {
  root.replaceChildren()
  render(<App />, root)
  addEventListener('keydown', takeKeys)
}
