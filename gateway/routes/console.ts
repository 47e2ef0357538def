// GET /console: the page and its files, open to everybody. Its data comes from the status route, which needs a token.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ConsoleFile, pageName, readConsoleFiles } from './console-files.ts'

/** Asked for anew each time, and answered with 304: the page names its files by their content. */
const askedAnew = 'public, no-cache'
const keptForGood = 'public, max-age=31536000, immutable'

export function addConsoleRoutes(app: FastifyInstance): void {
  const files = readConsoleFiles()
  const assets = files.filter(({ name }) => name !== pageName)
  const page = files.find(({ name }) => name === pageName) as ConsoleFile
  const method = ['GET', 'HEAD']
  for (const lane of ['', '/stream']) {
    app.route({ method, url: `${lane}/console`, handler: (request, reply) => send(page, askedAnew, request, reply) })
    // The page's links are relative to an address without the slash; the browser keeps #token=… when it is sent there.
    app.get(`${lane}/console/`, (_request, reply) => reply.redirect('../console', 308))
    for (const file of assets) {
      const url = `${lane}/console/${file.name}`
      app.route({ method, url, handler: (request, reply) => send(file, keptForGood, request, reply) })
      // While pods are replaced, a page of the other version asks here: it gets what is here, and does not keep it.
      const [stem, ending] = file.plainName.split('.')
      app.route({
        method,
        url: `${lane}/console/${stem}-:hash(^[0-9a-f]{12}$).${ending}`,
        handler: (request, reply) => send(file, 'no-store', request, reply),
      })
    }
  }
}

function send(
  { type, body, etag }: ConsoleFile,
  cacheControl: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.header('cache-control', cacheControl).header('etag', etag)
  if (hasIt(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.header('content-type', type).send(body)
}

/** An edge that compresses makes the tag a weak one. */
const hasIt = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
