/** The least that any collector must do: read the body as JSON and answer. */
export default {
  async fetch(request) {
    const { batch } = await request.json()
    return Response.json({ success: true, count: batch.length })
  },
}
