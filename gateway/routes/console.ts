// GET /console: the page and its files, open to everybody. Its data comes from the status route, which needs a token.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ConsoleFile, pageName, readConsoleFiles } from './console-files.ts'

/** Asked for anew each time, and answered with 304: after a rollout no page mixes old and new files. */
const cacheControl = 'public, no-cache'

export function addConsoleRoutes(app: FastifyInstance): void {
  const files = readConsoleFiles()
  for (const lane of ['', '/stream']) {
    for (const file of files) {
      const path = file.name === pageName ? '/console' : `/console/${file.name}`
      app.route({ method: ['GET', 'HEAD'], url: lane + path, handler: (request, reply) => send(file, request, reply) })
    }
    // The page's links are relative to an address without the slash; the browser keeps #token=… when it is sent there.
    app.get(`${lane}/console/`, (_request, reply) => reply.redirect('../console', 308))
  }
}

function send({ type, body, etag }: ConsoleFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('cache-control', cacheControl).header('etag', etag)
  if (hasIt(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.header('content-type', type).send(body)
}

/** An edge that compresses makes the tag a weak one. */
const hasIt = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
