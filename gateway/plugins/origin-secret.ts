// Only the edge may reach the gateway: it sends a secret that is rotated with two valid values.
import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Config } from '../config.ts'

export const originHeader = 'x-origin-verify'

const digest = (text: string): Buffer => hash('sha256', text, 'buffer')

/** Refuses requests without one of the secrets, when there are any. */
export function addOriginSecret(app: FastifyInstance, config: Config): void {
  const secrets = [config.ORIGIN_SECRET, config.ORIGIN_SECRET_PREVIOUS].filter((secret) => secret !== '').map(digest)
  if (secrets.length === 0) return
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.raw.headers[originHeader]
    const sent = digest(typeof given === 'string' ? given : '')
    // Digests have one length, so that the comparison tells nothing about the secret's.
    const isRight = secrets.map((secret) => timingSafeEqual(secret, sent)).includes(true)
    if (isRight) done()
    else
      done(
        new ApiError({ status: 403, code: 'forbidden', message: 'Use the public address.', reason: 'origin_secret' }),
      )
  })
}
