/**
 * The local lake, with every object read back before it counts as written. On Cloudflare R2 sees to that; its emulation
 * does not look whether the disk took the bytes (Miniflare 4, `BlobStore.put`), and on a full one keeps an object of
 * which a part is missing. A journal that believed it would delete the only whole copy.
 */
export function verifiedLake(lake: R2Bucket): R2Bucket {
  const put = async (...args: Parameters<R2Bucket['put']>): Promise<R2Object | null> => {
    const [key, , options] = args
    const before = isReplacement(options) ? await (await lake.get(key))?.arrayBuffer() : undefined
    const stored = await lake.put(...args)
    // Also where the key was taken: a process may have ended between the writing and the reading of what is there.
    if (await isWhole(lake, key)) return stored
    // What was to be replaced holds others' events as well, and has just made room for itself.
    if (before) await lake.put(key, before, { ...options, onlyIf: {} })
    else await lake.delete(key)
    throw new Error(`The disk has not taken ${key} whole. Is it full?`)
  }
  return new Proxy(lake, {
    get(target, name) {
      if (name === 'put') return put
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function isReplacement(options: R2PutOptions | undefined): boolean {
  return !!options?.onlyIf && 'etagMatches' in options.onlyIf
}

async function isWhole(lake: R2Bucket, key: string): Promise<boolean> {
  try {
    const object = await lake.get(key)
    const content = await object?.arrayBuffer()
    return content !== undefined && content.byteLength === object?.size
  } catch {
    return false
  }
}
