/** A browser engine, and how to drive it. */
export interface Engine {
  name: string
  /** Why it cannot be had on this machine. */
  missing: string | undefined
  /** Browsers of it that run at a time: what a second one costs is worth it only where most scenarios run. */
  parallel: number
  /** Starts it on a profile, anew or with what an earlier run has left there. */
  start(profile: string): Promise<Browser>
}

/** A browser that runs. */
export interface Browser {
  /** Markup that a page must carry to be driven. */
  head: string
  /** Opens a page in a tab of its own; resolves when it can be driven. */
  open(url: string): Promise<Tab>
  /**
   * Kills the process that renders a tab. Gives all the tabs that went with it: where the engine does not tell which
   * process is whose, every tab.
   */
  crash(tab: Tab): Promise<Tab[]>
  /** SIGKILL to the whole process tree at once. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** A tab with a page. */
export interface Tab {
  /**
   * Runs a function in the page, which must stand for itself: it travels as text, its arguments and its result as JSON.
   * Rejects when the page goes away meanwhile.
   */
  run<Args extends unknown[], Result>(
    script: (...args: Args) => Result | Promise<Result>,
    ...args: Args
  ): Promise<Result>
  /** Tells the page that it is offline, where the engine can; the way to the server is the scenario's to cut. */
  setOffline(isOffline: boolean): Promise<void>
  /** Closes the tab as a person does. */
  close(): Promise<void>
}

/** The text that a page evaluates to run a function. */
export function expressionOf(script: (...args: never[]) => unknown, args: unknown[]): string {
  return `(${script})(...${JSON.stringify(args)})`
}
