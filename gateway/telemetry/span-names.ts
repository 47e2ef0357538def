// Attribute names of spans and metrics, from OpenTelemetry's HTTP and GenAI conventions. The GenAI names are still in
// development there: this table is the only place that knows them.

/** semantic-conventions-genai, development schema of 2026-08. */
export const genAiSchemaUrl = 'https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev'

export const attributes = {
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  urlScheme: 'url.scheme',
  urlPath: 'url.path',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  maxTokens: 'gen_ai.request.max_tokens',
  tenant: 'slipway.tenant',
  lane: 'slipway.lane',
  attempts: 'slipway.attempts',
  outcome: 'slipway.outcome',
  requestId: 'slipway.request_id',
  edgeId: 'slipway.edge_id',
  balancerId: 'slipway.balancer_id',
} as const

/** Bucket bounds in seconds, from the GenAI conventions. */
export const buckets = {
  duration: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  timeToFirstToken: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  timePerOutputToken: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  /** The convention's bounds for HTTP end at 10 s, too early for language models. */
  http: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120],
} as const
