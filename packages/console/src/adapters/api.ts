/** What an answer of the API came to; `signedOut` where the session is over. */
export type Answer<Value> = { ok: true; value: Value } | { ok: false; problem: Problem }

/** Why there is no answer, in words for people. */
export interface Problem {
  code: string
  message: string
}

/** Called when the API no longer knows the session. */
let onSignedOut: () => void = () => undefined

export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback
}

/** Asks the collector. Never throws. */
export async function callApi<Value>(
  path: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  body?: object,
): Promise<Answer<Value>> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status === 401 && path.startsWith('/api/')) onSignedOut()
    const answer = readObject(text)
    if (response.ok && answer) return { ok: true, value: answer as Value }
    // What stands before a collector, such as a proxy, answers in pages of its own.
    const foreign = `There is no answer of the collector’s, but ${response.status} from before it.`
    const { code = String(response.status), message = foreign } = answer ?? {}
    return { ok: false, problem: { code, message } }
  } catch {
    const message = 'The collector cannot be reached. Is it running, and are you online?'
    return { ok: false, problem: { code: 'unreachable', message } }
  }
}

function readObject(text: string): { code?: string; message?: string } | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as object | undefined
  } catch {
    return undefined
  }
}
