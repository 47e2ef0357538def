// Puts the identity on a request before its body is read, so that strangers cannot make the gateway read bodies.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { AuthError } from '../auth/auth-error.ts'
import { authorizationValues } from '../auth/authorization.ts'
import type { Identity } from '../auth/identity.ts'
import type { Gateway } from '../gateway.ts'

/** Hook for routes that need an identity. */
export function authentication(gateway: Gateway): onRequestHookHandler {
  const { authenticator, metrics } = gateway
  return (request, reply, done) => {
    const accept = (identity: Identity) => {
      request.slipway.identity = identity
      const bytes = announcedBytes(request.raw.headers, request.routeOptions.bodyLimit)
      // Keys may take a while to come; for who left meanwhile nothing would give it back.
      if (bytes > 0 && !reply.raw.destroyed) request.slipway.charge = gateway.bodies.take(identity.tenant.name, bytes)
      done()
    }
    const refuse = (error: unknown) => {
      if (error instanceof AuthError) metrics.refused(error.reason)
      done(error as Error)
    }
    try {
      const found = authenticator.authenticate(authorizationValues(request.raw.rawHeaders), request.slipway.lane)
      if (found instanceof Promise) found.then(accept).catch(refuse)
      else accept(found)
    } catch (error) {
      refuse(error)
    }
  }
}

/** Most that the body will have: who does not say is taken at the limit. */
function announcedBytes(headers: IncomingHttpHeaders, limit: number): number {
  if (headers['transfer-encoding'] !== undefined) return limit
  return Math.min(Number(headers['content-length'] ?? 0), limit)
}

/** The identity that the hook found. */
export function identityOf(request: FastifyRequest): Identity {
  const { identity } = request.slipway
  if (!identity) throw new Error('the route has no authentication hook')
  return identity
}
