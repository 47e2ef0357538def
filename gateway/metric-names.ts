// Names of every metric of the gateway as Prometheus shows them. Data only: alarms, scalers and dashboards import it.

export const metricNames = {
  /** Gauge {model}: requests that are held or queued; wakes a model from zero. */
  waitingRequests: 'slipway_gateway_waiting_requests',
  /** Gauge {model}: requests at an engine now. */
  inflightRequests: 'slipway_gateway_inflight_requests',
  /** Gauge {model}: Unix time at which it was last asked for or served anybody; what `idleAfter` counts from. */
  lastUse: 'slipway_gateway_last_use_timestamp_seconds',
  /** Gauge {model}: endpoints that may be used. */
  endpoints: 'slipway_gateway_endpoints',
  /** Gauge {model}: endpoints out after failures. */
  ejectedEndpoints: 'slipway_gateway_ejected_endpoints',
  /** Counter {model, tenant, route, outcome, reason}. */
  requests: 'slipway_gateway_requests_total',
  /** Counter {model, tenant, type}: tokens, type input or output. */
  tokens: 'slipway_gateway_tokens_total',
  /** Counter {model}: second tries. */
  retries: 'slipway_gateway_retries_total',
  /** Counter {model}: a sleeping model was asked for. */
  wakes: 'slipway_gateway_wakes_total',
  /** Counter {model}: ejections. */
  ejections: 'slipway_gateway_ejections_total',
  /** Counter {model, tenant, route, status, reason}: requests that ended before they became a call. */
  refusals: 'slipway_gateway_refusals_total',
  /** Counter {reason}: refused tokens and keys. */
  authFailures: 'slipway_gateway_auth_failures_total',
  /** Counter: requests that SDKs sent again (x-stainless-retry-count); they are no new demand. */
  clientRetries: 'slipway_gateway_client_retries_total',
  /** Gauge: seconds since the directory's source was heard. */
  discoveryStale: 'slipway_gateway_discovery_stale_seconds',
  /** Gauge: objects that could not be used. */
  discoveryProblems: 'slipway_gateway_discovery_problems',
  /** Gauge {issuer}: seconds since an issuer's keys were refreshed, beyond the interval. */
  jwksStale: 'slipway_gateway_jwks_stale_seconds',
  /** Histogram {method, route, status}: seconds until the whole answer; OpenTelemetry http.server.request.duration. */
  httpDuration: 'http_server_request_duration',
  /** Histogram {operation, model}: seconds; gen_ai.server.request.duration. */
  requestDuration: 'gen_ai_server_request_duration',
  /** Histogram {operation, model}: seconds; gen_ai.server.time_to_first_token. */
  timeToFirstToken: 'gen_ai_server_time_to_first_token',
  /** Histogram {operation, model}: seconds; gen_ai.server.time_per_output_token. */
  timePerOutputToken: 'gen_ai_server_time_per_output_token',
} as const

export type MetricName = (typeof metricNames)[keyof typeof metricNames]
