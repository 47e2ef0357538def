// The one error that clients see, with vLLM's words: status, and the four fields of its body.

export interface ErrorData {
  status: number
  message: string
  type: string
  param: string | null
  /** Seconds until a retry makes sense. */
  retryAfter?: number
}

export class ApiError extends Error {
  readonly data: ErrorData

  constructor(data: ErrorData) {
    super(data.message)
    this.data = data
  }
}

/** The body of a JSON answer. `code` is a number, as vLLM sends it. */
export const errorBody = ({ status, message, type, param }: ErrorData): object => ({
  error: { message, type, param, code: status },
})

/** The same as vLLM words it on Anthropic’s routes. */
export const anthropicErrorBody = ({ message, type }: ErrorData): object => ({
  type: 'error',
  error: { type, message },
})

/** A value that cannot be served. vLLM names the parameter in the message only where `param` is set too. */
export const badRequest = (message: string, param: string | null = null): ApiError =>
  new ApiError({ status: 400, message, type: 'BadRequestError', param })

/** `value` as Python prints it. */
export const badParameter = (message: string, param: string, value?: string): ApiError =>
  badRequest(`${message} (parameter=${param}${value === undefined ? '' : `, value=${value}`})`, param)

/** A parameter that vLLM knows and this server does not do: said, never ignored. */
export const notDone = (param: string): ApiError =>
  badParameter(`${param} is not supported by this server: leave it out, or use another engine.`, param)

export const unknownModel = (asked: string, served: string): ApiError =>
  new ApiError({
    status: 404,
    message: `The model \`${asked}\` does not exist. Valid aliases: ${served}.`,
    type: 'NotFoundError',
    param: 'model',
  })

/** vLLM sends no Retry-After; a gateway that waits one second hits a freed place more often than one that does not wait. */
export const queueFull = (): ApiError =>
  new ApiError({
    status: 503,
    message:
      'The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.',
    type: 'Service Unavailable',
    param: null,
    retryAfter: 1,
  })

/** vLLM answers 500 here; 503 says what is true: another instance will take it. */
export const shuttingDown = (): ApiError =>
  new ApiError({
    status: 503,
    message: 'The server is shutting down. Please try again on a different instance.',
    type: 'Service Unavailable',
    param: null,
    retryAfter: 1,
  })

export const engineDead = (): ApiError =>
  new ApiError({
    status: 500,
    message: 'EngineCore encountered an issue. See stack trace (above) for the root cause.',
    type: 'InternalServerError',
    param: null,
  })

export const internalError = (): ApiError =>
  new ApiError({ status: 500, message: 'The server failed.', type: 'InternalServerError', param: null })

export const bodyTooLarge = (limit: number): ApiError =>
  new ApiError({
    status: 413,
    message: `The request body is larger than ${limit} bytes.`,
    type: 'Request Entity Too Large',
    param: null,
  })
