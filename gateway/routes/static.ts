// Documents that need no token: the OpenAPI file and the reference page.
import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../gateway.ts'
import { openApiDocument, referencePage, referenceStyle } from './openapi.ts'

export function addStaticRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { DOMAIN } = gateway.config
  const files: [path: string, type: string, body: string][] = [
    ['/openapi.json', 'application/json', `${JSON.stringify(openApiDocument(DOMAIN), null, 2)}\n`],
    ['/docs', 'text/html; charset=utf-8', referencePage(DOMAIN)],
    ['/docs/style.css', 'text/css; charset=utf-8', referenceStyle],
  ]
  for (const lane of ['', '/stream'])
    for (const [path, type, body] of files)
      app.get(lane + path, (_request, reply) =>
        reply.header('content-type', type).header('cache-control', 'public, max-age=300').send(body),
      )
}
