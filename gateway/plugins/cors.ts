// Pages of other origins: which may read answers, and what a browser hears when it asks before it sends.
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { corsMaxAgeSeconds, corsMethods, corsRequestHeaders, exposedHeaders } from '../security-headers.ts'

export const allowedOrigins = ({ DOMAIN, CORS_ORIGINS }: Config): ReadonlySet<string> =>
  new Set([`https://${DOMAIN}`, ...CORS_ORIGINS.split(',').map((one) => one.trim())].filter((one) => one !== ''))

const varies: readonly string[] = ['vary', 'Origin']

/** As a flat list. Every answer varies: one without an origin, kept by a cache, would be given to a page that has one. */
export function corsHeaders(origin: string | undefined, allowed: ReadonlySet<string>): readonly string[] {
  if (origin === undefined || !allowed.has(origin)) return varies
  return [...varies, 'access-control-allow-origin', origin, 'access-control-expose-headers', exposedHeaders]
}

const preflightHeaders: readonly string[] = [
  'access-control-allow-methods',
  corsMethods,
  'access-control-allow-headers',
  corsRequestHeaders,
  'access-control-max-age',
  String(corsMaxAgeSeconds),
]

/** Behind the check of the edge’s secret, so that strangers learn nothing from it. */
export function addPreflight(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS') return done()
    const { answerHeaders } = request.slipway
    void reply.hijack()
    const isAllowed = answerHeaders.some((name, index) => index % 2 === 0 && name === 'access-control-allow-origin')
    reply.raw.writeHead(204, [...answerHeaders, ...(isAllowed ? preflightHeaders : [])]).end()
  })
}
