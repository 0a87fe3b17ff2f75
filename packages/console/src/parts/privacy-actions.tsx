import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Answer, callApi, type Problem } from '../adapters/api.ts'
import type { IdentifierKey } from '../core/profile-view.ts'
import { Confirm } from './confirm.tsx'
import { Failure } from './states.tsx'

/** A request as the API answers with it. */
interface Receipt {
  id: string
  status: string
  archive?: string
}

interface PrivacyProps {
  id: IdentifierKey
  onChange: () => void
}

/** Export and erasure of one person, with the receipt of what was asked for. */
export function PrivacyActions({ id, onChange }: PrivacyProps): JSX.Element {
  const [receipt, setReceipt] = useState<Receipt & { operation: string }>()
  const [problem, setProblem] = useState<Problem>()
  const ask = async (operation: 'export' | 'erase') => {
    const answer: Answer<Receipt> = await callApi(`/api/privacy/${operation}`, 'POST', { id })
    setProblem(answer.ok ? undefined : answer.problem)
    if (answer.ok) setReceipt({ ...answer.value, operation })
    if (answer.ok && operation === 'erase') onChange()
  }
  return (
    <>
      <div class="choices">
        <button type="button" onClick={() => void ask('export')}>
          Export everything
        </button>
        <Confirm
          action="Erase the person"
          question={`Everything on ${id} and all it was joined with is erased, in the lake too, and stays so when events come late. There is no way back.`}
          typed={id}
          onConfirm={() => ask('erase')}
        />
      </div>
      {problem && <Failure problem={problem} />}
      {receipt && (
        <p role="status" class="note">
          Request {receipt.id}: {receipt.operation}, {receipt.status}.{' '}
          {receipt.archive && (
            <a href={receipt.archive} download>
              Save the archive
            </a>
          )}
        </p>
      )}
    </>
  )
}
