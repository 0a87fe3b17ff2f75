/** Something the person who starts the collector can mend: shown as one sentence, without a stack trace. */
export class StartupError extends Error {}
