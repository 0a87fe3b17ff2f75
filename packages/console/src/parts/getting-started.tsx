import type { JSX } from 'preact'
import { snippetsFor } from '../core/snippets.ts'
import type { Source } from '../pages/sources.tsx'
import { Code } from './code.tsx'

/** How to send the first event, with the key of this collector; goes by itself once one has come. */
export function GettingStarted({ sources }: { sources: Source[] }): JSX.Element {
  const writeKey = sources.flatMap(({ writeKeys }) => writeKeys)[0] ?? 'YOUR_WRITE_KEY'
  const { page, curl, node } = snippetsFor(writeKey, location.origin)
  return (
    <section class="started" aria-label="Getting started">
      <h2>No event has come yet</h2>
      <p role="status">
        <span class="spinner" aria-hidden="true" /> Waiting for the first. Send one in any of these
        ways, and it shows here within a second.
      </p>
      <Code label="In a terminal" text={curl} />
      <Code label="In a page" text={page} />
      <Code label="On a server (Node)" text={node} />
    </section>
  )
}
