/** A file of the console. */
export interface ConsoleAsset {
  contentType: string
  /** Of the content, in hexadecimal: as an ETag it tells whether a copy is current. */
  hash: string
  body: string
}

/** The console's files by path. Every name but that of `/console/index.html` changes with its content. */
export declare const CONSOLE_ASSETS: Readonly<Record<string, ConsoleAsset>>
