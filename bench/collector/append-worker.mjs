import { DurableObject } from 'cloudflare:workers'

const SHARDS = 4

/** Keeps each body as one row, and does nothing else. */
export class Log extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, body BLOB)')
  }

  append(body) {
    this.ctx.storage.sql.exec('INSERT INTO log (body) VALUES (?)', body)
  }
}

/** The least that a durable collector must do: read the body as JSON, store it in a Durable Object, and answer. */
export default {
  async fetch(request, env) {
    const bytes = await request.arrayBuffer()
    const { batch } = JSON.parse(new TextDecoder().decode(bytes))
    const shard = batch.length > 0 ? batch[0].anonymousId.charCodeAt(0) % SHARDS : 0
    await env.JOURNAL.getByName(`log-${shard}`).append(bytes)
    return Response.json({ success: true, count: batch.length })
  },
}
