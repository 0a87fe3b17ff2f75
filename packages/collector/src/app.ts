import { Hono } from 'hono'
import { DamagedComponent } from './adapters/profiles.ts'
import { errorAnswer, methodNotAllowed } from './answers.ts'
import type { ResolvedConfig } from './config.ts'
import {
  INGEST_KINDS,
  INGEST_PREFIXES,
  METRICS_PATHS,
  PIXEL_PATHS,
  WEBHOOK_PATHS,
} from './core/ingest-kinds.ts'
import { PRIVACY_OPERATIONS } from './core/privacy-request.ts'
import type { CollectorEnv } from './env.ts'
import { adminAuth } from './middleware/admin-auth.ts'
import { cors } from './middleware/cors.ts'
import { serveRudderSettings, serveSegmentSettings } from './routes/client-settings.ts'
import { compact } from './routes/compact.ts'
import { serveConsole, signIn, signOut } from './routes/console.ts'
import { createHealth } from './routes/health.ts'
import { ingest } from './routes/ingest.ts'
import { listFiles, readFile } from './routes/lake.ts'
import { live } from './routes/live.ts'
import { browserScript, drain, metrics, stats } from './routes/operate.ts'
import { pixel } from './routes/pixel.ts'
import { archive, askFor, listRequests, showRequest } from './routes/privacy.ts'
import {
  getChanges,
  getDigests,
  getGroup,
  getProfile,
  getTimeline,
  getWhy,
  listProfiles,
  needProfiles,
  rebuildProfiles,
} from './routes/profiles.ts'
import { exportAll, list } from './routes/read.ts'
import { replay } from './routes/replay.ts'
import { segmentProfile } from './routes/segment-profiles.ts'
import { series } from './routes/series.ts'
import { listSources } from './routes/sources.ts'
import { webhook } from './routes/webhook.ts'

/** `/tributary.js`, and its optional parts such as `/tributary.page-views.js`. */
const BROWSER_SCRIPTS = '/:script{tributary\\.(?:[a-z-]+\\.)?js}'

/** Segment's Profile API. */
const SEGMENT_PROFILES =
  '/v1/spaces/:space/collections/:collection{users|accounts}/profiles/:id/:what{traits|events|external_ids|metadata|links}'
/** Where a session of the console begins and ends. */
const SESSION_PATH = '/console/session'

/** Paths that are only read. */
const READ_PATHS = [
  '/healthz',
  '/healthz/ready',
  BROWSER_SCRIPTS,
  '/api/events',
  '/api/events/export',
  '/api/events/live',
  '/api/quarantine',
  '/api/profiles',
  '/api/profiles/*',
  '/api/groups/*',
  '/api/series',
  '/api/sources',
  '/api/stats',
  '/api/lake',
  '/api/lake/*',
  '/api/privacy/requests',
  '/api/privacy/requests/:id',
  '/api/privacy/requests/:id/archive',
  '/metrics',
  '/console',
  '/console/*',
]

/** Paths that the operator calls to change something. */
const WRITE_PATHS = [
  '/api/drain',
  '/api/compact',
  '/api/quarantine/replay',
  '/api/profiles/rebuild',
  ...PRIVACY_OPERATIONS.map((operation) => `/api/privacy/${operation}`),
]

/** What a person may ask for. */
function addPrivacy(app: Hono<{ Bindings: CollectorEnv }>, config: ResolvedConfig): void {
  app.use('/api/privacy/*', needProfiles)
  for (const operation of PRIVACY_OPERATIONS) {
    app.post(`/api/privacy/${operation}`, (context) => askFor(context, config, operation))
  }
  app.get('/api/privacy/requests', listRequests)
  app.get('/api/privacy/requests/:id', (context) => showRequest(context, config))
  app.get('/api/privacy/requests/:id/archive', (context) => archive(context, config))
}

/** Every path of the collector. */
export function createApp(config: ResolvedConfig): Hono<{ Bindings: CollectorEnv }> {
  const app = new Hono<{ Bindings: CollectorEnv }>({ strict: false })

  const health = createHealth(config)
  app.get('/healthz', ({ env }) => health.alive(env))
  app.get('/healthz/ready', ({ env }) => health.ready(env))
  app.get(BROWSER_SCRIPTS, browserScript)

  for (const [name, kind] of Object.entries(INGEST_KINDS)) {
    for (const prefix of INGEST_PREFIXES) {
      const path = `${prefix}/${name}`
      app.use(path, cors)
      app.post(path, (context) => ingest(context, config, kind))
      app.all(path, () => methodNotAllowed('POST'))
    }
  }
  for (const path of WEBHOOK_PATHS) {
    app.use(path, cors)
    app.on(['GET', 'POST'], path, (context) => webhook(context, config))
    app.all(path, () => methodNotAllowed('GET, POST'))
  }
  for (const path of PIXEL_PATHS) {
    app.get(path, (context) => pixel(context, config))
    app.all(path, () => methodNotAllowed('GET'))
  }
  for (const path of METRICS_PATHS) {
    app.use(path, cors)
    app.post(path, () => Response.json({ success: true, ok: true }))
  }
  for (const path of ['/v1/projects/:writeKey/settings', '/projects/:writeKey/settings']) {
    app.use(path, cors)
    app.get(path, (context) => serveSegmentSettings(context, config))
  }
  app.use('/sourceConfig', cors)
  app.get('/sourceConfig', (context) => serveRudderSettings(context, config))

  app.use(SEGMENT_PROFILES, needProfiles)
  app.get(SEGMENT_PROFILES, (context) => segmentProfile(context, config))
  app.all(SEGMENT_PROFILES, () => methodNotAllowed('GET'))
  addConsole(app)

  for (const path of ['/api/*', '/metrics']) app.use(path, adminAuth)
  app.get('/metrics', (context) => metrics(context, config))
  app.get('/api/events', (context) => list(context, config, 'events'))
  app.get('/api/events/export', (context) => exportAll(context, config))
  app.get('/api/events/live', (context) => live(context, config))
  app.get('/api/quarantine', (context) => list(context, config, 'quarantine'))
  addProfiles(app, config)
  app.get('/api/stats', (context) => stats(context, config))
  app.get('/api/series', (context) => series(context, config))
  app.get('/api/sources', () => listSources(config))
  app.get('/api/lake', listFiles)
  app.get('/api/lake/:key{.+}', readFile)
  addPrivacy(app, config)
  app.post('/api/drain', (context) => drain(context, config))
  app.post('/api/quarantine/replay', (context) => replay(context, config))
  app.post('/api/compact', (context) => compact(context, config))

  for (const path of WRITE_PATHS) app.all(path, () => methodNotAllowed('POST'))
  for (const path of READ_PATHS) app.all(path, () => methodNotAllowed('GET'))
  app.notFound(() => errorAnswer(404, 'not_found', 'There is no such path.'))
  app.onError(failure)
  return app
}

/** The answer where something was thrown. */
function failure(error: Error): Response {
  if (error instanceof DamagedComponent) return errorAnswer(503, 'profile_damaged', error.message)
  // biome-ignore lint/suspicious/noConsole: the operator's log is where an unforeseen failure must show
  console.error(error)
  // Temporary by intent: whatever went wrong, the client still has its events.
  return errorAnswer(503, 'unavailable', 'The collector could not do this now. Try again.')
}

/** The console, and where its sessions begin and end. */
function addConsole(app: Hono<{ Bindings: CollectorEnv }>): void {
  app.post(SESSION_PATH, signIn)
  app.delete(SESSION_PATH, signOut)
  app.all(SESSION_PATH, () => methodNotAllowed('POST, DELETE'))
  app.get('/console', serveConsole)
  app.get('/console/*', serveConsole)
}

/** Who is who. */
function addProfiles(app: Hono<{ Bindings: CollectorEnv }>, config: ResolvedConfig): void {
  for (const path of ['/api/profiles', '/api/profiles/*', '/api/groups/*']) {
    app.use(path, needProfiles)
  }
  app.get('/api/profiles', (context) => listProfiles(context, config))
  app.get('/api/profiles/changes', (context) => getChanges(context, config))
  app.get('/api/profiles/digests', (context) => getDigests(context, config))
  app.get('/api/profiles/:id', (context) => getProfile(context, config))
  app.get('/api/profiles/:id/events', (context) => getTimeline(context, config))
  app.get('/api/profiles/:id/why/:other', (context) => getWhy(context, config))
  app.post('/api/profiles/rebuild', (context) => rebuildProfiles(context, config))
  app.get('/api/groups/:groupId', (context) => getGroup(context, config))
}
