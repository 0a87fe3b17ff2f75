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
