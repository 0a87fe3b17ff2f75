/** Something that runs tasks, one at a time: a tab. */
export interface Runner {
  /** A frozen runner's tasks wait in `held`; those of one that is gone never run. */
  state: 'running' | 'frozen' | 'gone'
  held: Task[]
}

/** Something to do at a time. */
interface Task {
  at: number
  order: number
  owner: Runner | undefined
  work: (() => void) | undefined
}

/** Virtual time: tasks run in the order of their times, and between two tasks all promises settle. */
export interface Loop {
  /** Milliseconds since the world began. */
  elapsed(): number
  /** Number of the running task. */
  task(): number
  /** Runs `work` in `ms`, as a task of `owner`, or of the world around the tabs. Returns what cancels it. */
  after(ms: number, owner: Runner | undefined, work: () => void): () => void
  /** Lets the tasks run that a frozen runner has missed. */
  thaw(owner: Runner): void
  /** Runs all tasks up to a time. */
  runUntil(elapsedMs: number): Promise<void>
  /** Nothing will ever happen any more. */
  isIdle(): boolean
}

/** @param onStep Called after each task of a runner. */
export function createLoop(onStep: (owner: Runner) => void): Loop {
  const tasks = createHeap()
  let elapsed = 0
  let order = 0
  let count = 0

  async function run({ at, owner, work }: Task): Promise<void> {
    elapsed = Math.max(elapsed, at)
    count++
    work?.()
    if (!owner) return
    // An immediate runs when no promise has anything left to do.
    await new Promise((resolve) => setImmediate(resolve))
    onStep(owner)
  }

  return {
    elapsed: () => elapsed,
    task: () => count,
    after(ms, owner, work) {
      const task: Task = { at: elapsed + Math.max(ms, 0), order: order++, owner, work }
      tasks.push(task)
      return () => {
        task.work = undefined
      }
    },
    thaw(owner) {
      for (const task of owner.held.splice(0)) tasks.push(task)
    },
    async runUntil(end) {
      for (let task = tasks.pop(end); task; task = tasks.pop(end)) {
        if (!task.work || task.owner?.state === 'gone') continue
        if (task.owner?.state === 'frozen') task.owner.held.push(task)
        else await run(task)
      }
      elapsed = Math.max(elapsed, end)
    },
    isIdle: () => tasks.isEmpty(),
  }
}

/** Tasks by time, and by order within a time: a binary heap. */
function createHeap(): {
  push(task: Task): void
  /** The first task, unless it is later than `end`. */
  pop(end: number): Task | undefined
  isEmpty(): boolean
} {
  const heap: Task[] = []
  const isBefore = (one: Task, other: Task): boolean =>
    one.at < other.at || (one.at === other.at && one.order < other.order)

  function sink(last: Task): void {
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++
      const below = heap[child]
      if (!below || !isBefore(below, last)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
  }

  return {
    push(task) {
      let index = heap.push(task) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        const above = heap[parent] as Task
        if (!isBefore(task, above)) break
        heap[index] = above
        index = parent
      }
      heap[index] = task
    },
    pop(end) {
      const [first] = heap
      if (!first || first.at > end) return undefined
      const last = heap.pop() as Task
      if (heap[0]) sink(last)
      return first
    },
    isEmpty: () => !heap.some(({ work, owner }) => work && owner?.state !== 'gone'),
  }
}
