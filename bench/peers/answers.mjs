import { eventsOf, textOf } from './wire.mjs'

/** What each SDK must read to be content; the first pattern of the request's path decides. */
const TAKEN = [
  [/httpapi/, '{"code":200,"server_upload_time":1700000000000,"events_ingested":1}'],
  [/^\/(track\/?\?|engage|groups)/, '{"status":1,"error":null}'],
  [/^\/(flags|decide)/, '{"featureFlags":{},"flags":{},"featureFlagPayloads":{}}'],
  [/^\/(i\/v0\/)?(e|batch|capture)\/?/, '{"status":1}'],
  [/^\/api\/s\//, '{"ok":true}'],
  [/^\/track$/, '{"deviceId":"d1","sessionId":"s1"}'],
  [/^\/v1\//, '{"success":true}'],
]

/** The body of a good answer to events. A batch that asks for verdicts has each event accepted. */
export function takenBody(path, body) {
  return verdicts(path, body) ?? TAKEN.find(([pattern]) => pattern.test(path))?.[1] ?? '{"ok":true}'
}

function verdicts(path, body) {
  if (!/\/batch(\?|$)/.test(path) || !/"verdicts":\s*true/.test(textOf(body))) return undefined
  const results = eventsOf(body).map(({ messageId }) => [messageId, { status: 'accepted' }])
  return JSON.stringify({ success: true, ok: true, results: Object.fromEntries(results) })
}

/** The settings that an SDK asks for before it sends; `undefined` is a 404. */
export function settingsBody(path, port) {
  if (/^\/array\/.*config\.js/.test(path)) return undefined
  const make = SETTINGS.find(([pattern]) => pattern.test(path))?.[1]
  return JSON.stringify(make ? make(port) : {})
}

const SETTINGS = [
  [/^\/v1\/projects\/[^/]+\/settings/, segmentSettings],
  [/sourceConfig/, rudderstackSettings],
  [/^\/array\/.*config/, posthogSettings],
]

function segmentSettings(port) {
  return {
    integrations: {
      'Segment.io': { apiKey: 'wk_bench', apiHost: `127.0.0.1:${port}/v1`, protocol: 'http' },
    },
    plan: { track: { __default: { enabled: true } }, identify: { __default: { enabled: true } } },
    analyticsNextEnabled: true,
    metrics: { sampleRate: 0 },
    remotePlugins: [],
  }
}

function rudderstackSettings(port) {
  const statsCollection = { errors: { enabled: false }, metrics: { enabled: false } }
  return {
    source: {
      id: 'src1',
      name: 'local',
      writeKey: 'wk_bench',
      enabled: true,
      workspaceId: 'ws1',
      config: { statsCollection },
      connections: [],
      destinations: [],
      dataplanes: { US: [{ url: `http://127.0.0.1:${port}`, default: true }] },
    },
    updatedAt: '2026-01-01T00:00:00.000Z',
  }
}

function posthogSettings() {
  return {
    token: 'wk_bench',
    supportedCompression: ['gzip', 'gzip-js'],
    hasFeatureFlags: false,
    captureDeadClicks: false,
    capturePerformance: false,
    autocapture_opt_out: true,
    autocaptureExceptions: false,
    elementsChainAsString: true,
    sessionRecording: false,
    heatmaps: false,
    surveys: false,
    defaultIdentifiedOnly: true,
    siteApps: [],
    isAuthenticated: false,
    toolbarParams: {},
  }
}
