/**
 * What `work` gives, or `late` when that takes longer than `timeoutMs`. The work itself goes on; in a Worker until the
 * request has been answered.
 */
export async function within<T, L>(work: Promise<T>, timeoutMs: number, late: L): Promise<T | L> {
  let timer: number | null = null
  const deadline = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), timeoutMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * What `work` gives, unless that takes longer than `timeoutMs`; it goes on all the same.
 *
 * @throws Error with `lateMessage` when it takes longer, and what `work` fails with.
 */
export async function inTime<T>(
  work: Promise<T>,
  timeoutMs: number,
  lateMessage: string,
): Promise<T> {
  const done = await within(
    work.then((value) => ({ value })),
    timeoutMs,
    undefined,
  )
  if (!done) throw new Error(lateMessage)
  return done.value
}
