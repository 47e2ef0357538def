// Which settings of the gateway’s program apps/gateway.yaml may set. They and their schemas are the program’s own: gateway/config.ts.
import Type, { type TSchema } from 'typebox'
import { configSchema } from '../../gateway/config.ts'
import { loadBalancer } from './contract.ts'
import { strict } from './fields.ts'

/** Set by what is rendered: where to say it instead, or why it is fixed. */
export const ownedSettings: Readonly<Record<string, string>> = {
  PORT: 'Services and network policies know the port',
  ADMIN_PORT: 'probes and network policies know the port',
  HOST: 'a pod listens on all of its addresses',
  DISCOVERY: 'in a cluster the directory comes from Kubernetes',
  DIRECTORY_FILE: 'in a cluster the directory comes from Kubernetes',
  DOMAIN: 'write domain in clusters/NAME/cluster.yaml',
  OIDC_ISSUERS: 'write oidc in clusters/NAME/cluster.yaml',
  API_LANE: 'write edge.kind in clusters/NAME/cluster.yaml',
  API_KEYS_ON_API_LANE: 'the HTTP API takes no keys there',
  ORIGIN_CHECK: 'write edge.kind in clusters/NAME/cluster.yaml',
  ORIGIN_SECRET: 'the secret comes from Secrets Manager, never from Git',
  ORIGIN_SECRET_PREVIOUS: 'the secret comes from Secrets Manager, never from Git',
  ORIGIN_SECRET_FOLDER: 'the Deployment mounts the secret there',
  CORS_ORIGINS: 'write edge.corsOrigins in clusters/NAME/cluster.yaml',
  STREAM_LANE: 'write edge.streamLane in clusters/NAME/cluster.yaml',
  POD_NAME: 'Kubernetes says it',
  POD_NAMESPACE: 'Kubernetes says it',
  LOG_LEVEL: 'write logLevel beside settings',
  TRACE_SAMPLE_RATIO: 'write traceSampleRatio beside settings',
  OTLP_ENDPOINT: 'write telemetry in clusters/NAME/cluster.yaml',
  PROMETHEUS_URL: 'it is set when a tenant has operatorScope',
  BODY_BUDGET: 'it is a quarter of resources.memory',
  ANSWER_BUDGET: 'it is an eighth of resources.memory',
  DRAIN_SECONDS: 'the pod’s grace period and the balancer’s draining go with it',
  HOLD_SECONDS: 'rules and alerts of waking count with it',
  STREAM_HOLD_SECONDS: 'rules and alerts of waking count with it',
  UPSTREAM_KEEP_ALIVE_SECONDS: 'the engines’ own time-out goes with it',
}

export { orderedSettings } from '../../gateway/config.ts'

const settable = Object.entries(configSchema.properties).filter(([name]) => !Object.hasOwn(ownedSettings, name))

export const settableNames: readonly string[] = settable.map(([name]) => name)

export type GatewaySettings = Record<string, string | number | boolean>

/** What the program takes where nothing is set. */
export const settingDefaults: Readonly<GatewaySettings> = Object.fromEntries(
  settable.map(([name, schema]) => [name, (schema as unknown as { default: string | number | boolean }).default]),
)

export const gatewaySettingsSchema = Type.Unsafe<GatewaySettings>(
  strict(Object.fromEntries(settable.map(([name, schema]): [string, TSchema] => [name, Type.Optional(schema)])), {
    description:
      'Settings of the gateway’s program that differ from its defaults, by name: docs/reference/settings.md.',
    elsewhere: ownedSettings,
  }),
)

/** What is in front of the gateway gives up, or closes a connection, by then. */
export const timesInFront: Readonly<Record<string, { below?: number; above?: number; because: string }>> = {
  API_LANE_SECONDS: { below: 30, because: 'the HTTP API answers 503' },
  ANSWER_SECONDS: { below: loadBalancer.idleTimeoutSeconds, because: 'the load balancer gives up' },
  FIRST_BYTE_SECONDS: { below: loadBalancer.idleTimeoutSeconds, because: 'the load balancer gives up' },
  // A third: two pings may be late or lost.
  PING_SECONDS: {
    below: Math.floor(loadBalancer.idleTimeoutSeconds / 3) + 1,
    because: 'two late pings are enough for the load balancer to close a stream',
  },
  KEEP_ALIVE_SECONDS: {
    above: loadBalancer.idleTimeoutSeconds,
    because: 'the load balancer would send into a closed connection',
  },
}

/** Bodies and answers, and the share of a pod’s memory that they are counted against; one tenant may have half of it. */
export const countedBytes: Readonly<Record<string, 'body' | 'answer'>> = {
  BODY_LIMIT: 'body',
  EMBEDDING_BODY_LIMIT: 'body',
  AUDIO_BODY_LIMIT: 'body',
  ANSWER_LIMIT: 'answer',
}

/** Of a pod’s memory. Of bodies each is there as it came, and once more with the model’s own name in it; an answer takes some four times its bytes. */
export const memoryShares = { body: 0.25, answer: 0.125 } as const
