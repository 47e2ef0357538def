// Every failure becomes an answer in the shape of the route's family; nothing of a stack, path or address gets out.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Gateway } from '../gateway.ts'
import { tooLarge } from '../routes/admit.ts'
import { errorForShape } from '../translate/shape-errors.ts'
import { linger } from './linger.ts'

const notFound = (): ApiError =>
  new ApiError({ status: 404, code: 'not_found', message: 'There is no such route.', retry: false })

const internal = (): ApiError =>
  new ApiError({ status: 500, code: 'internal_error', message: 'The gateway failed.', retry: false })

/** Fastify's own errors, by its code. */
function toApiError(error: FastifyError | ApiError, gateway: Gateway, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(gateway.config.BODY_LIMIT)
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ApiError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'Send content-type: application/json.',
    })
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500)
    return new ApiError({ status, code: 'invalid_request', message: 'The request is malformed.', reason: error.code })
  gateway.logger.error({ event: 'bug', requestId: request.slipway?.requestId, err: error })
  return internal()
}

export function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): void {
  const family = request.slipway?.family ?? 'openai'
  // A body that was not read to its end makes the connection useless for another request.
  if (error.status === 413) {
    reply.header('connection', 'close')
    linger(request.raw)
  }
  void reply
    .code(error.status)
    .headers({ ...error.headers, 'content-type': 'application/json' })
    .send(errorForShape(family, error))
}

export function addErrors(app: FastifyInstance, gateway: Gateway): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const known = toApiError(error, gateway, request)
    gateway.accessLog.refused(
      request.slipway?.requestId ?? '',
      request.slipway?.route ?? '',
      known.status,
      known.reason,
    )
    sendError(known, request, reply)
  })
  app.setNotFoundHandler((request, reply) => sendError(notFound(), request, reply))
}

const wireErrors: Readonly<Record<string, [status: number, text: string, code: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request_timeout'],
}

/** Answers what the HTTP parser refuses, before there is a request. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, text, code] = wireErrors[error.code ?? ''] ?? [400, 'Bad Request', 'malformed_request']
  const body = errorForShape('openai', new ApiError({ status, code, message: `${text}.` }))
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
