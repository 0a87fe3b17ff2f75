import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { callApi, type Problem } from '../adapters/api.ts'
import { Failure } from '../parts/states.tsx'

/** Asks for the admin token. It is sent once, and kept nowhere: what stays is a cookie that no script can read. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }): JSX.Element {
  const [problem, setProblem] = useState<Problem>()
  const [isSending, setSending] = useState(false)
  const send = async (submit: Event) => {
    submit.preventDefault()
    const form = submit.target as HTMLFormElement
    const token = String(new FormData(form).get('token') ?? '').trim()
    setSending(true)
    const answer = await callApi('/console/session', 'POST', { token })
    setSending(false)
    if (answer.ok) onSignedIn()
    else setProblem(answer.problem)
  }
  return (
    <main class="sign-in">
      <form onSubmit={(submit) => void send(submit)}>
        <h1>Tributary</h1>
        <label>
          Admin token
          <input
            name="token"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            aria-describedby="token-hint"
          />
        </label>
        <p id="token-hint" class="quiet">
          <code>npm start</code> prints it. In production it is the secret{' '}
          <code>TRIBUTARY_ADMIN_TOKEN</code>.
        </p>
        {problem && <Failure problem={problem} />}
        <button type="submit" disabled={isSending}>
          {isSending ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
