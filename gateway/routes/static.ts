// Documents that need no token: what is here at all, the OpenAPI file and the reference page. They name the public address, and of a
// gateway without one the address that was asked.
import type { FastifyInstance } from 'fastify'
import { frontPage, links } from '../documents/front-page.ts'
import { openApiDocument } from '../documents/openapi.ts'
import { referencePage, referenceStyle } from '../documents/reference-page.ts'
import type { Gateway } from '../gateway.ts'
import { originOf } from '../plugins/public-origin.ts'

export function addStaticRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { DOMAIN } = gateway.config
  const files: [path: string, type: string, body: (origin: string) => string][] = [
    ['/openapi.json', 'application/json', (origin) => `${JSON.stringify(openApiDocument(origin), null, 2)}\n`],
    ['/docs', 'text/html; charset=utf-8', referencePage],
    ['/docs/style.css', 'text/css; charset=utf-8', () => referenceStyle],
  ]
  const own = originOf(DOMAIN, undefined)
  for (const [path, type, body] of files) {
    // Made once: nobody needs a token to ask for it.
    const ofOwn = body(own)
    for (const lane of ['', '/stream'])
      app.get(lane + path, ({ headers }, reply) => {
        const origin = originOf(DOMAIN, headers.host)
        return reply
          .header('content-type', type)
          .header('cache-control', 'public, max-age=300')
          .send(origin === own ? ofOwn : body(origin))
      })
  }
  for (const url of ['/', '/stream', '/stream/'])
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: ({ headers }, reply) => {
        const origin = originOf(DOMAIN, headers.host)
        const wantsPage = headers.accept?.includes('text/html') ?? false
        return reply
          .header('content-type', wantsPage ? 'text/html; charset=utf-8' : 'application/json')
          .header('vary', 'Accept')
          .send(wantsPage ? frontPage(origin) : `${JSON.stringify(links(origin), null, 2)}\n`)
      },
    })
}
