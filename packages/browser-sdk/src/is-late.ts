/** Whether the standard part may come after the core. `rollup.config.js` builds the script with every part without what waits for it. */
export const IS_LATE: boolean = true
