// What an engine's failure means for the client, and whether another endpoint may be tried.
import { ApiError } from '../api-error.ts'
import { overloaded } from '../serving/model-runtime.ts'

/** A try that failed before anything of an answer was sent. */
export interface Failure {
  error: ApiError
  /** Nothing was generated yet, so another endpoint may do it. */
  retryable: boolean
  /** Whether the endpoint is at fault: counts towards its ejection. */
  endpointFault: boolean
  /** There was no connection, or it broke: nothing of the work goes on there, so a second try is no further load. */
  connectionLost?: true
  /** The connection had been idle before: an engine may close one at the moment at which it gets a request. */
  isStale?: boolean
}

/** vLLM in its shutdown answers this with status 500 to a request that it has not begun. */
const shuttingDown = 'cannot schedule new futures after shutdown'

const unreachable = (): ApiError =>
  new ApiError({ status: 502, code: 'upstream_unreachable', message: 'The model server could not be reached.' })

/** The engine broke off, or sent what is not an answer. */
export const disconnected = (): ApiError =>
  new ApiError({ status: 502, code: 'upstream_disconnected', message: 'The model server broke off its answer.' })

export const truncated = (): ApiError =>
  new ApiError({
    status: 502,
    code: 'stream_truncated',
    message: 'The model server ended its answer before it was complete.',
  })

/** A mistake of ours. */
export const internalError = (): ApiError =>
  new ApiError({ status: 500, code: 'internal_error', message: 'The gateway failed.', retry: false })

export const answerTooLarge = (): ApiError =>
  new ApiError({
    status: 502,
    code: 'answer_too_large',
    message: 'The model server’s answer is larger than the gateway passes on.',
    retry: false,
  })

export const timedOut = (what: string): ApiError =>
  new ApiError({ status: 504, code: 'upstream_timeout', message: `The model server sent no ${what} in time.` })

/** A connection that failed or broke before response headers; nobody's fault when it was stale. */
export const connectionFailure = (isStale = false): Failure => ({
  ...brokenOff(),
  error: unreachable(),
  endpointFault: !isStale,
  isStale,
})

/** A connection that broke after response headers, and before anything of the answer was sent on. */
export const brokenOff = (): Failure => ({
  error: disconnected(),
  retryable: true,
  endpointFault: true,
  connectionLost: true,
})

/** An engine's answer of any status but 200, from its body (at most the error body limit). */
export function statusFailure(model: string, status: number, body: Buffer): Failure {
  const text = body.toString('utf8')
  if (status === 503 || (status === 500 && text.includes(shuttingDown)))
    return { error: overloaded(model, 'engine_busy'), retryable: true, endpointFault: status === 500 }
  if (status === 429) return { error: overloaded(model, 'engine_busy'), retryable: true, endpointFault: false }
  if (status === 502 || status === 504) return { error: unreachable(), retryable: true, endpointFault: true }
  if (status >= 500 || status === 424) return { error: engineError(), retryable: false, endpointFault: status !== 424 }
  // An engine has no redirects and no answers without a body.
  if (status < 400) return { error: engineError(), retryable: false, endpointFault: false }
  // The gateway's own route, model name, key or method was wrong for this engine: not something the client can mend.
  if (gatewaysFault.includes(status)) return { error: engineError(), retryable: false, endpointFault: false }
  return { error: clientError(status, text), retryable: false, endpointFault: false }
}

const gatewaysFault = [401, 403, 404, 405, 407]

const engineError = (): ApiError =>
  new ApiError({ status: 502, code: 'upstream_error', message: 'The model server failed.', reason: 'engine_error' })

/** An error that the engine reports about the request: its message and code are passed on, cleaned. */
function clientError(status: number, text: string): ApiError {
  const { message, type, param, code } = readError(text)
  const isLong = /context length|maximum context|max_model_len|too long/i.test(message)
  return new ApiError({
    status,
    code: isLong ? 'context_length_exceeded' : code,
    message: clean(message),
    type,
    ...(param !== undefined && { param: clean(param) }),
    retry: false,
    reason: 'engine_refused',
  })
}

interface EngineError {
  message: string
  type?: string
  param?: string
  code: string
}

/** vLLM `{error: {message, type, param, code}}`, TEI `{error, error_type}` and `{message, type}`, FastAPI `{detail}`. */
function readError(text: string): EngineError {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { message: 'The model server refused the request.', code: 'invalid_request' }
  }
  const top = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const inner = (typeof top.error === 'object' && top.error !== null ? top.error : top) as Record<string, unknown>
  const message = [inner.message, top.error, top.detail].find((one) => typeof one === 'string')
  return {
    message: typeof message === 'string' ? message : 'The model server refused the request.',
    code: typeof inner.code === 'string' && /^[a-z_]{1,64}$/.test(inner.code) ? inner.code : 'invalid_request',
    ...(typeof inner.type === 'string' && /^[\w ]{1,64}$/.test(inner.type) && { type: inner.type }),
    ...(typeof inner.param === 'string' && inner.param.length <= 100 && { param: inner.param }),
  }
}

/** Four groups at least, or a double colon between hexadecimal ones; no time of day, and no name of C++. */
const ipv6 =
  /\[?(?<![\w:])(?:(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?)(?![\w:])\]?(?::\d+)?/gi

/** Without file paths, addresses, host names and more than a screen of text: what tells about the inside of the cluster. */
function clean(message: string): string {
  return message
    .slice(0, 2000)
    .replaceAll(/\bFile "[^"]*", line \d+.*/g, '')
    .replaceAll(/\b\w+:\/\/[^\s"')]+/g, '(address)')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '(address)')
    .replaceAll(ipv6, '(address)')
    .replaceAll(
      /\b[\w-]+(?:\.[\w-]+)*\.(?:svc|local|internal|compute|amazonaws)\b(?:\.[\w-]+)*(?::\d+)?/gi,
      '(address)',
    )
    .replaceAll(/\b(?:localhost|[a-z][\w-]*(?:\.[\w-]+)+):\d{2,5}\b/gi, '(address)')
    .replaceAll(/\b[A-Za-z]:\\[^\s"']*/g, '(path)')
    .replaceAll(/(?<![\w.)])\/(?:[\w.@-]+\/?)+/g, '(path)')
}

/** An error event of a stream: from its JSON text. */
export function eventFailure(model: string, json: string): Failure {
  let code: unknown
  try {
    const value = JSON.parse(json) as { error?: { code?: unknown } | string }
    code = typeof value.error === 'object' ? value.error?.code : undefined
  } catch {
    code = undefined
  }
  const status = typeof code === 'number' && code >= 400 && code <= 599 ? code : 500
  return statusFailure(model, status, Buffer.from(json))
}
