// Every failure becomes an answer in the shape of the route's family; nothing of a stack, path or address gets out.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, tooLarge } from '../api-error.ts'
import type { Gateway } from '../gateway.ts'
import { errorForShape } from '../translate/shape-errors.ts'
import { originOf } from './public-origin.ts'
import { routeHint } from './route-hint.ts'

export const notFound = (message = 'There is no such route.'): ApiError =>
  new ApiError({ status: 404, code: 'not_found', message, retry: false })

const internal = (): ApiError =>
  new ApiError({ status: 500, code: 'internal_error', message: 'The gateway failed.', retry: false })

/** Fastify's own errors, by its code. */
function toApiError(error: FastifyError | ApiError, gateway: Gateway, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(request.routeOptions.bodyLimit)
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ApiError({
      status: 415,
      code: 'unsupported_media_type',
      message: `Send content-type: ${/\/v1\/audio\//.test(request.url) ? 'multipart/form-data' : 'application/json'}.`,
    })
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500)
    return new ApiError({ status, code: 'invalid_request', message: 'The request is malformed.', reason: error.code })
  gateway.logger.error({ event: 'bug', requestId: request.slipway?.received.id, err: error })
  return internal()
}

/** Bytes that cost less to read than a new connection. */
const smallBody = 65_536

/** A large body that was not read to its end makes the connection useless for another request; of a small one Node reads the rest. */
const isLeftUnread = ({ raw, slipway }: FastifyRequest): boolean =>
  !raw.complete && (slipway?.received.bodyBytes ?? 0) > smallBody

/** @param closes the connection is of no use for another request */
export function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply, closes = false): void {
  const family = request.slipway?.family ?? 'openai'
  const body = errorForShape(family, error)
  const headers = [
    ...(request.slipway?.answerHeaders ?? []),
    ...Object.entries(error.headers).flat(),
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
  ]
  if (closes) headers.push('connection', 'close')
  // Past Fastify: a refusal has nothing to serialise.
  void reply.hijack()
  reply.raw.writeHead(error.status, headers).end(body)
}

export function addErrors(app: FastifyInstance, gateway: Gateway): void {
  const refuse = (error: ApiError, request: FastifyRequest, reply: FastifyReply): void => {
    const { received, route = '', identity, model } = request.slipway ?? {}
    gateway.refused({
      requestId: received?.id ?? '',
      route,
      status: error.status,
      reason: error.reason,
      tenant: identity?.tenant.name,
      model,
    })
    const isUnread = isLeftUnread(request)
    if (isUnread) gateway.lingering.unread(request.raw, identity?.tenant.name ?? '')
    sendError(error, request, reply, isUnread)
  }
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) =>
    refuse(toApiError(error, gateway, request), request, reply),
  )
  app.setNotFoundHandler((request, reply) => refuse(unknownRoute(gateway, request), request, reply))
}

/** Before anything of a body is read, which Fastify does for unknown routes too. */
export function addUnknownRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) done(unknownRoute(gateway, request))
    else done()
  })
}

const unknownRoute = ({ config }: Gateway, { method, url, headers }: FastifyRequest): ApiError =>
  notFound(routeHint(method, url, originOf(config.DOMAIN, headers.host)))
