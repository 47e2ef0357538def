// The one error that clients see: status, type, code and param of OpenAI's shape, and the headers that guide their retries.

export interface ApiErrorInit {
  status: number
  code: string
  message: string
  type?: string
  param?: string
  /** Seconds until a retry makes sense. */
  retryAfter?: number
  /** False: the same request will fail again, so SDKs must not repeat it. */
  retry?: boolean
  headers?: Readonly<Record<string, string>>
  /** Word for metrics; the code when not given. */
  reason?: string
}

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly type: string
  readonly param: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly reason: string

  constructor({ status, code, message, type, param, retryAfter, retry, headers, reason }: ApiErrorInit) {
    // Where it was made helps nobody, and to find that out costs more than the rest of a refusal.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
    this.status = status
    this.code = code
    this.type = type ?? typeOf(status)
    this.param = param ?? null
    this.reason = reason ?? code
    this.headers = {
      ...headers,
      ...(retryAfter !== undefined && {
        'retry-after': String(Math.max(1, Math.ceil(retryAfter))),
        'retry-after-ms': String(Math.max(1, Math.ceil(retryAfter * 1000))),
      }),
      ...(retry !== undefined && { 'x-should-retry': String(retry) }),
    }
  }
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

/** Never 503: Hugging Face’s client sends that again without a pause. */
export const shuttingDown = (more: Pick<ApiErrorInit, 'retryAfter' | 'retry'> = {}): ApiError =>
  new ApiError({
    status: 502,
    code: 'gateway_shutting_down',
    message: 'The gateway is restarting; please send the request again.',
    ...more,
  })

/** A request that cannot be right; `param` names the field. */
export const invalidRequest = (message: string, param?: string): ApiError =>
  new ApiError({ status: 400, code: 'invalid_request', message, param })

/** Unknown and forbidden models get the same answer, so that names cannot be guessed. */
export const modelNotFound = (name: string): ApiError =>
  new ApiError({
    status: 404,
    code: 'model_not_found',
    message: `The model ${JSON.stringify(name.slice(0, 100))} does not exist or you do not have access to it.`,
    param: 'model',
  })

export const tooLarge = (limit: number): ApiError =>
  new ApiError({
    status: 413,
    code: 'request_too_large',
    message: `The body is larger than ${limit} bytes.`,
    retry: false,
  })
