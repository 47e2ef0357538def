// What Node and Fastify refuse before there is a request for a route: the same JSON, request id and headers as everywhere else.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Gateway } from '../gateway.ts'
import { familyOf, withoutLane } from '../request/received.ts'
import { securityHeaderList } from '../security-headers.ts'
import { newTraceId } from '../telemetry/ids.ts'
import { errorForShape } from '../translate/shape-errors.ts'
import { notFound } from './errors.ts'

const headersOf = (requestId: string): string[] => [
  'x-request-id',
  requestId,
  ...securityHeaderList,
  'content-type',
  'application/json',
]

function answer(error: ApiError, { url = '/' }: IncomingMessage, res: ServerResponse, requestId: string): void {
  const body = errorForShape(familyOf(withoutLane(url)), error)
  const length = ['content-length', String(Buffer.byteLength(body))]
  res.writeHead(error.status, [...headersOf(requestId), ...length, ...Object.entries(error.headers).flat()]).end(body)
}

/** Counted and logged like every refusal; nothing is known but that. */
function report(gateway: Gateway, requestId: string, { status, reason }: ApiError): void {
  gateway.refused({ requestId, route: '_unknown', status, reason, tenant: undefined, model: undefined })
}

/** A URL that Fastify’s router cannot read is no route; anything else of the kind is a mistake of ours. */
export function onFrameworkError(gateway: Gateway, error: Error, request: IncomingMessage, res: ServerResponse): void {
  const requestId = newTraceId()
  const refusal = notFound()
  if (!('code' in error && error.code === 'FST_ERR_BAD_URL'))
    gateway.logger.error({ event: 'bug', requestId, err: error })
  report(gateway, requestId, refusal)
  answer(refusal, request, res, requestId)
}

/** Without a listener Node answers an expectation that it does not know with an empty 417. */
export function addWireErrors(app: FastifyInstance, gateway: Gateway): void {
  app.server.on('checkExpectation', (request: IncomingMessage, res: ServerResponse) => {
    const requestId = newTraceId()
    const error = new ApiError({
      status: 417,
      code: 'expectation_failed',
      message: 'Only Expect: 100-continue is known.',
    })
    res.setHeader('connection', 'close')
    report(gateway, requestId, error)
    answer(error, request, res, requestId)
  })
}

const parserErrors: Readonly<Record<string, [status: number, text: string, code: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request_timeout'],
}

/** Answers what the HTTP parser refuses; there is nothing but a socket. */
export function onClientError(gateway: Gateway, error: Error & { code?: string }, socket: Socket): void {
  // Node's own handler asks the same: within an answer that has begun, another one would be a part of it.
  const { _httpMessage: open } = socket as Socket & { _httpMessage?: ServerResponse }
  if (error.code === 'ECONNRESET' || !socket.writable || open?.headersSent) {
    socket.destroy()
    return
  }
  const [status, text, code] = parserErrors[error.code ?? ''] ?? [400, 'Bad Request', 'malformed_request']
  const refusal = new ApiError({ status, code, message: `${text}.` })
  const requestId = newTraceId()
  report(gateway, requestId, refusal)
  const body = errorForShape('openai', refusal)
  const headers = [...headersOf(requestId), 'content-length', String(Buffer.byteLength(body)), 'connection', 'close']
  const lines = headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : []))
  socket.end(`HTTP/1.1 ${status} ${text}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  gateway.lingering.add(socket, '')
}
