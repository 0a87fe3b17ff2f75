import { TributaryProvider } from '@tributary/browser/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const root = document.getElementById('root') as HTMLElement
const options = { writeKey: root.dataset.key ?? '' }

createRoot(root).render(
  <StrictMode>
    <TributaryProvider options={options}>
      <App />
    </TributaryProvider>
  </StrictMode>,
)
