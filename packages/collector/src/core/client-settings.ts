import type { JsonObject } from '@tributary/protocol'
import type { SourceConfig } from './source-config.ts'

/** How deployed Segment clients retry, where they let themselves be told (analytics-next, Swift, Kotlin): for seven days, and not what is final. */
const HTTP_CONFIG: JsonObject = {
  rateLimitConfig: { enabled: true, maxRetryCount: 100, maxRetryInterval: 300 },
  backoffConfig: {
    enabled: true,
    maxRetryCount: 1000,
    baseBackoffInterval: 0.5,
    maxBackoffInterval: 300,
    maxTotalBackoffDuration: 604_800,
    jitterPercent: 10,
    default4xxBehavior: 'drop',
    default5xxBehavior: 'retry',
    statusCodeOverrides: {
      '408': 'retry',
      '410': 'retry',
      '429': 'retry',
      '460': 'retry',
      '501': 'drop',
      '505': 'drop',
    },
  },
}

/**
 * The settings that Segment's browser and mobile SDKs ask for before they send anything. They name this collector as the
 * place to send to. `Segment.io` stays the only integration: a second would start analytics-next's legacy loader.
 *
 * @param host Host of the collector, with its port.
 * @param protocol `https`, or `http` on a developer's machine.
 */
export function segmentSettings(writeKey: string, host: string, protocol: string): JsonObject {
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${host}/v1`,
        protocol,
        unbundledIntegrations: [],
        addBundledMetadata: true,
        maybeBundledConfigIds: {},
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
        httpConfig: HTTP_CONFIG,
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  }
}

/** The configuration that RudderStack's browser SDK asks for before it sends anything: a source without destinations. It sends nothing for one that is not enabled. */
export function rudderSettings({ id, enabled = true }: SourceConfig, writeKey: string): JsonObject {
  return {
    source: {
      id,
      name: id,
      writeKey,
      enabled,
      workspaceId: 'tributary',
      config: {
        statsCollection: { errors: { enabled: false }, metrics: { enabled: false } },
      },
      connections: [],
      destinations: [],
    },
  }
}
