// What an engine's failure means for the client, and whether another endpoint may be tried.
import { ApiError } from '../api-error.ts'
import type { Verdict } from '../serving/health.ts'
import { overloaded } from '../serving/no-place.ts'
import type { FailedTry } from '../serving/tries.ts'

/** A try that failed before the client was sent anything of its answer. */
export interface Failure extends FailedTry {
  error: ApiError
}

/** What a failure says of the endpoint. */
export function verdictOf({ endpointFault, isUnsent = false, busyMs }: FailedTry): Verdict {
  if (endpointFault) return isUnsent ? 'unreachable' : 'failed'
  return busyMs === undefined ? 'neutral' : { busyMs }
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
  isFree: true,
})

/** What came is no answer of the model: another endpoint may give one. */
export const notAnAnswer = (error = engineError()): Failure => ({ error, retryable: true, endpointFault: true })

/** It said nothing while others were answered, and whatever it does now is given up. */
export const silent = (): Failure => ({
  error: timedOut('answer'),
  retryable: true,
  endpointFault: false,
  isFree: true,
})

/** Statuses that are about the client's request; route, model name, method and credentials are the gateway's choice. */
const clientStatuses = [400, 413, 422]

/**
 * An engine's answer of any status but 200.
 * @param body at most the error body limit
 * @param retryAfter header of an engine that is busy
 */
export function statusFailure(model: string, status: number, body: Buffer, retryAfter?: string): Failure {
  const text = body.toString('utf8')
  if (status === 503 || status === 429) return busy(model, retryAfter)
  if (status === 500 && text.includes(shuttingDown)) return { ...busy(model, undefined), endpointFault: true }
  if (status === 502 || status === 504) return notAnAnswer(unreachable())
  if (status === 404 && modelWords.test(text)) return notAnAnswer(otherModel())
  // An engine has no redirects and no answers without a body.
  if (!clientStatuses.includes(status)) return notAnAnswer()
  const error = clientError(status, text)
  return isAboutGateway(error) ? notAnAnswer(error) : { error, retryable: false, endpointFault: false }
}

/** Seconds that an engine is left alone which does not say how long. */
const busySeconds = 1
const longestBusySeconds = 60

/** It did not begin with the work. */
function busy(model: string, retryAfter: string | undefined): Failure {
  const seconds = Math.min(secondsIn(retryAfter) ?? busySeconds, longestBusySeconds)
  return {
    error: overloaded(model, 'engine_busy', Math.max(1, seconds)),
    retryable: true,
    endpointFault: false,
    isFree: true,
    busyMs: seconds * 1000,
  }
}

/** Of `Retry-After`: seconds, or a date. */
function secondsIn(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return seconds >= 0 ? seconds : undefined
}

/** Words for a model that an engine does not have. */
const modelWords =
  /\bmodel\b.{0,120}\b(?:does not exist|not found|not (?:being )?(?:served|loaded|available|ready)|is unknown|unavailable)/is

/** And for a route that it does not know, and for credentials. */
const gatewaysWords = [
  modelWords,
  /\b(?:unknown|no such|invalid|unrecognized|unsupported) (?:model|route|path|endpoint|url|method)\b/i,
  /\b(?:route|path|endpoint|url|method)\b.{0,60}\b(?:not found|does not exist|not allowed|unknown)\b/is,
  /\bapi[ _-]?key|\bcredentials?\b|\bunauthori[sz]ed|\bunauthenticated|\bauthenticat|\bforbidden\b|\bpermission denied/i,
]
const gatewaysCodes = /model_not_found|not_found|unknown_(?:model|url|route)|api_key|auth|permission|forbidden/

/** An engine that answers so has another model, or is none: the gateway names a model that its endpoint should have. */
const isAboutGateway = ({ code, param, message }: ApiError): boolean =>
  param === 'model' || gatewaysCodes.test(code) || gatewaysWords.some((words) => words.test(message))

/** It has another one, or the same under another name: asking again changes nothing while nobody sets it right. */
const otherModel = (): ApiError =>
  new ApiError({
    status: 502,
    code: 'model_not_served',
    message: 'The model server does not serve the model under this name.',
    reason: 'other_model',
  })

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

/** Without file paths, addresses, host names and more than a screen of text: what shows the inside of the cluster. */
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

/** An error in place of an answer, or as an event of a stream: from its JSON text. */
export function errorFailure(model: string, json: string): Failure {
  let code: unknown
  try {
    const value = JSON.parse(json) as { error?: { code?: unknown } | string; code?: unknown }
    code = typeof value.error === 'object' ? value.error?.code : value.code
  } catch {
    code = undefined
  }
  const status = Number(code)
  return statusFailure(model, status >= 400 && status <= 599 ? status : 500, Buffer.from(json))
}
