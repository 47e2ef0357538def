// Settings of the gateway: one schema of its environment variables, with defaults, units and reasons. Data only.
import Type, { type Static, type TProperties } from 'typebox'
import { originHeader } from './security-headers.ts'

const seconds = (value: number, description: string) =>
  Type.Number({ default: value, exclusiveMinimum: 0, maximum: 86_400, description: `${description} Seconds.` })
const count = (value: number, description: string, maximum = 1_000_000) =>
  Type.Integer({ default: value, minimum: 0, maximum, description })
const bytes = (value: number, description: string) =>
  Type.Integer({ default: value, minimum: 1, maximum: 1_073_741_824, description: `${description} Bytes.` })
const flag = (value: boolean, description: string) => Type.Boolean({ default: value, description })
const text = (value: string, description: string) => Type.String({ default: value, maxLength: 4096, description })
/** Text of one form, which its description names. */
const formed = (pattern: string, description: string) =>
  Type.String({ default: '', maxLength: 4096, pattern, description })

/** What a header may hold. */
const visible = '^[\\x21-\\x7e]*$'
const origin = 'https?://[^/\\s,*]+'

export const issuersSchema = Type.Array(
  Type.Object(
    {
      issuer: Type.String({ minLength: 1 }),
      audiences: Type.Array(Type.String({ minLength: 1 })),
      jwksUri: Type.String({ pattern: '^https?://' }),
      scopes: Type.Array(Type.String({ minLength: 1 })),
      scopeClaims: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    },
    { additionalProperties: false },
  ),
)

const properties = {
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port for clients.' }),
  ADMIN_PORT: Type.Integer({
    default: 9090,
    minimum: 0,
    maximum: 65535,
    description: 'Port of /readyz, /livez and /metrics.',
  }),
  HOST: text('0.0.0.0', 'Address that both ports listen on.'),
  DISCOVERY: Type.Enum(['kubernetes', 'file'], {
    default: 'kubernetes',
    description: 'Where models, pods and tenants come from.',
  }),
  DIRECTORY_FILE: text('.slipway/directory.json', 'The file of DISCOVERY=file.'),
  DOMAIN: text('localhost', 'Public host name, for the hint that names the stream lane.'),
  OIDC_ISSUERS: text(
    '[]',
    'JSON list of {issuer, audiences, jwksUri, scopes, scopeClaims}; a token needs one of the scopes.',
  ),
  API_LANE: flag(
    true,
    'Whether requests outside /stream come through the HTTP API; false: nothing in front ends them, and every path is the stream lane.',
  ),
  API_KEYS_ON_API_LANE: flag(
    false,
    'Accept API keys outside /stream too. The HTTP API refuses them there; a local run has no HTTP API.',
  ),
  ORIGIN_CHECK: flag(
    true,
    'Refuse requests without the origin secret; false: what reaches the gateway is for the network to say, and the secret is only that of the smoke tests.',
  ),
  ORIGIN_SECRET: formed(visible, `Value that the edge sends in ${originHeader}, without spaces; empty: not checked.`),
  ORIGIN_SECRET_PREVIOUS: formed(visible, 'Value that is still valid while the secret is rotated, without spaces.'),
  ORIGIN_SECRET_FOLDER: text('', 'Folder of files with one valid value each, read again every 2 s: a mounted Secret.'),
  CORS_ORIGINS: formed(
    `^(${origin}(\\s*,\\s*${origin})*)?$`,
    'Comma-separated origins that browsers may call from, for example https://app.example.com; empty: the own domain only.',
  ),
  STREAM_LANE: flag(
    true,
    'Whether the edge has the stream lane, which the hint of a 504 names; false: every path is the api lane.',
  ),
  POD_NAME: text('', 'Name of this pod, in telemetry.'),
  POD_NAMESPACE: text('gateway', 'Namespace of this pod; its tenants and its own endpoints are read there.'),
  LOG_LEVEL: Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'Lowest level logged.' }),
  TRACE_SAMPLE_RATIO: Type.Number({
    default: 0.01,
    minimum: 0,
    maximum: 1,
    description: 'Share of requests whose spans are exported; failed ones always are.',
  }),
  OTLP_ENDPOINT: formed(
    '^(https?://[^/\\s?#]+(/(?!.*v1/traces)[^\\s?#]*[^/\\s?#])?)?$',
    'OTLP/HTTP collector for traces, without /v1/traces, for example http://collector:4318; empty: no export.',
  ),
  PROMETHEUS_URL: formed(
    '^(https?://[^/\\s?#]+)?$',
    'Prometheus, for the burn of objectives and the last syncs in the operator’s view, for example http://prometheus:9090; empty: they are not shown.',
  ),
  AUDIT_LOG: flag(true, 'One line of token usage for each request.'),

  BODY_LIMIT: bytes(10_485_760, 'Largest request body.'),
  EMBEDDING_BODY_LIMIT: bytes(2_000_000, 'Largest body of embedding, rerank and translated routes (as TEI and TGI).'),
  AUDIO_BODY_LIMIT: bytes(27_262_976, 'Largest form with audio; vLLM takes files of 25 MiB.'),
  BODY_BUDGET: bytes(
    134_217_728,
    'Request bodies under way at once; one tenant may have half of it, and an eighth is kept for tenants who have none.',
  ),
  ERROR_BODY_LIMIT: bytes(65_536, 'Most that is read of an engine’s error body.'),
  ANSWER_LIMIT: bytes(16_777_216, 'Largest engine answer that is held in memory to be translated.'),
  ANSWER_BUDGET: bytes(67_108_864, 'Answers that are held at once; one tenant may have half of it.'),
  EVENT_LIMIT: bytes(1_048_576, 'Largest single event of a stream.'),
  HEADERS_RECEIVE_SECONDS: seconds(10, 'Time a client has to send its headers.'),
  REQUEST_RECEIVE_SECONDS: seconds(30, 'Time a client has to send its whole request.'),
  KEEP_ALIVE_SECONDS: seconds(130, 'Idle client connections are kept; longer than the load balancer’s idle timeout.'),
  CLIENT_IDLE_SECONDS: seconds(60, 'A client that reads nothing for this long is dropped.'),
  CLIENT_BYTES_PER_SECOND: bytes(65_536, 'A client that takes the end of an answer more slowly is dropped.'),
  MAX_N: count(8, 'Largest n and best_of.', 128),
  MAX_PROMPTS: count(64, 'Most prompts in one completion request.', 4096),

  API_LANE_SECONDS: seconds(27, 'The api lane answers by then, waiting included; the HTTP API gives up at 30.'),
  CONNECT_SECONDS: seconds(2, 'Connecting to an endpoint.'),
  STREAM_HEADERS_SECONDS: seconds(30, 'Response headers of a stream.'),
  ANSWER_SECONDS: seconds(100, 'First byte of an answer that is not a stream; the load balancer gives up at 115.'),
  FIRST_BYTE_SECONDS: seconds(110, 'The same, counted from the request’s arrival: waiting and second tries included.'),
  STALL_SECONDS: seconds(60, 'Longest gap between two events of a stream.'),
  STREAM_SECONDS: seconds(1800, 'Longest stream.'),
  PING_SECONDS: seconds(15, 'A comment is sent when no event came for this long.'),
  HOLD_SECONDS: seconds(55, 'Longest wait for a sleeping model; X-Scale-Up-Timeout shortens it.'),
  STREAM_HOLD_SECONDS: seconds(1500, 'Up to this long X-Scale-Up-Timeout lengthens the wait of a stream.'),
  QUEUE_SECONDS: seconds(30, 'Longest wait for a free place.'),
  QUEUE_LIMIT: count(64, 'Requests that may wait for one model.'),
  MODEL_SLOTS: count(
    256,
    'Requests at once per endpoint; more wait in the queue, and one place in 16 is kept for tenants that hold none.',
  ),

  ATTEMPTS: Type.Integer({
    default: 2,
    minimum: 1,
    maximum: 5,
    description:
      'Tries in total, each at another endpoint; those at busy endpoints are free while another one is well.',
  }),
  RETRY_BUDGET: Type.Number({
    default: 0.2,
    minimum: 0,
    maximum: 1,
    description:
      'Share of the requests in flight that may be second tries. Free are those after a refusal, a broken connection or silence, and those at an endpoint that has not failed for ten seconds.',
  }),
  RETRY_MINIMUM: count(3, 'Second tries at once that are always allowed.'),
  RETRY_WINDOW_SECONDS: seconds(150, 'A try that failed later than this is not repeated.'),
  EJECT_FAILURES: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 100,
    description: 'Failures in a row that eject an endpoint, of requests or tenants that are answered elsewhere.',
  }),
  EJECT_SECONDS: seconds(5, 'First ejection; doubles each time.'),
  EJECT_MAX_SECONDS: seconds(60, 'Longest ejection.'),
  SILENT_SECONDS: seconds(
    2,
    'An endpoint that sends nothing for this long, and for three times the slowest answer of late, while others answer, is silent.',
  ),
  MOVE_SECONDS: seconds(
    10,
    'A stream without its first token for this long, and a second more for each thousand tokens of its prompt, moves to a less busy endpoint.',
  ),
  SLOW_START_SECONDS: seconds(10, 'A new endpoint gets a growing share for this long.'),
  AFFINITY_BYTES: count(512, 'Bytes of the conversation’s beginning that choose the endpoint.', 65_536),
  AFFINITY_LOAD: Type.Number({
    default: 1.25,
    minimum: 1,
    maximum: 10,
    description: 'An endpoint with more than this times the mean load loses its affinity.',
  }),
  UPSTREAM_CONNECTIONS: Type.Integer({
    default: 4096,
    minimum: 1,
    maximum: 65_536,
    description: 'Connections to one endpoint; more requests wait for one.',
  }),
  UPSTREAM_KEEP_ALIVE_SECONDS: seconds(4, 'Idle connections to an engine are kept; shorter than vLLM’s 5.'),

  TICK_SECONDS: Type.Number({
    default: 0.25,
    minimum: 0.001,
    maximum: 1,
    description: 'How late a limit in time may be noticed. Seconds.',
  }),

  DRAIN_SECONDS: seconds(300, 'Streams may go on for this long after SIGTERM.'),
  QUOTA_SLACK: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description: 'Added to a pod’s share of a quota, since requests do not spread evenly.',
  }),
  DEFAULT_MAX_TOKENS: count(1024, 'Tokens reserved for an answer when the request does not say.', 1_000_000),
} satisfies TProperties

/** Of each pair the first is at least the second. */
export const orderedSettings = [
  ['REQUEST_RECEIVE_SECONDS', 'HEADERS_RECEIVE_SECONDS'],
  ['FIRST_BYTE_SECONDS', 'ANSWER_SECONDS'],
  ['EJECT_MAX_SECONDS', 'EJECT_SECONDS'],
] as const satisfies [keyof typeof properties, keyof typeof properties][]

export const configSchema = Type.Object(properties)

export type Config = Static<typeof configSchema>
export type Issuer = Static<typeof issuersSchema>[number]

export interface Setting {
  name: string
  schema: { type?: string; enum?: string[]; default: string | number | boolean; description: string }
}

/** Name and shape of every setting, in the order of the documentation. */
export const settings: readonly Setting[] = Object.entries(properties).map(([name, schema]) => ({
  name,
  schema: schema as unknown as Setting['schema'],
}))
