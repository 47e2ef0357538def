// Calls of the gateway that this page came from, with the caller’s token; what fails becomes one kind of error.
import { forgetToken, readToken } from './token.js'

/**
 * The stream lane, wherever the page was loaded from: /console, /stream/console or below a proxy’s path. Answers take as
 * long as they need there, and API keys are accepted.
 */
export const apiRoot = new URL(location.pathname.replace(/(?:\/stream)?\/console$/, '/stream'), location.origin).href

export class ApiFailure extends Error {
  constructor({ message, status = 0, code = '', retryAfterSeconds, requestId = '' }) {
    super(message)
    /** 0: there was no answer. */
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
    this.requestId = requestId
  }
}

/**
 * GET, or POST when there is a body.
 * @returns {Promise<Response>} an answer that is not an error
 * @throws {ApiFailure} or the AbortError of `signal`
 */
export async function call(path, { body, signal } = {}) {
  const token = readToken()
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {}
  let response
  try {
    response = await fetch(apiRoot + path, { ...init, headers, signal, cache: 'no-store', credentials: 'omit' })
  } catch (error) {
    if (error.name === 'AbortError') throw error
    if (error.name === 'TimeoutError') throw new ApiFailure({ message: 'The gateway did not answer.', code: 'timeout' })
    throw new ApiFailure({ message: 'The gateway cannot be reached.', code: 'network' })
  }
  if (response.ok) return response
  const failure = await failureOf(response)
  // Another answer may have brought a new token meanwhile.
  if (response.status === 401 && readToken() === token)
    forgetToken('The gateway does not accept this token: it is wrong, or its time is over. Paste a new one.')
  throw failure
}

async function failureOf(response) {
  const body = await response.json().catch(() => ({}))
  return new ApiFailure({
    ...errorIn(body),
    status: response.status,
    retryAfterSeconds: secondsIn(response.headers),
    requestId: response.headers.get('x-request-id') ?? '',
  })
}

/** OpenAI’s shape, Hugging Face’s, or that of something in between. */
export function errorIn({ error, error_type, message }) {
  if (typeof error === 'object' && error !== null)
    return { message: String(error.message ?? ''), code: String(error.code ?? error.type ?? '') }
  return { message: String(error ?? message ?? ''), code: String(error_type ?? '') }
}

function secondsIn(headers) {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  if (ms > 0) return ms / 1000
  return seconds > 0 ? seconds : undefined
}
