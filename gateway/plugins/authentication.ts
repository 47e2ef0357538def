// Puts the identity on a request before its body is read, so that strangers cannot make the gateway read bodies.
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { AuthError } from '../auth/auth-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { Gateway } from '../gateway.ts'

/**
 * Hook for routes that need an identity.
 * @param check what else can be known before the body is read; throws ApiError
 */
export function authentication(
  gateway: Gateway,
  check?: (request: FastifyRequest, identity: Identity) => void,
): onRequestHookHandler {
  const { authenticator, metrics } = gateway
  return (request, reply, done) => {
    const accept = (identity: Identity) => {
      request.slipway.identity = identity
      check?.(request, identity)
      // A client that does not say is taken at the limit.
      const bytes = Math.min(request.slipway.received.bodyBytes, request.routeOptions.bodyLimit)
      // Keys may take a while to come; of a client that left meanwhile nothing would give it back.
      if (bytes > 0 && !reply.raw.destroyed) request.slipway.charge = gateway.bodies.take(identity.tenant.name, bytes)
      done()
    }
    const refuse = (error: unknown) => {
      if (error instanceof AuthError) metrics.refused(error.reason)
      done(error as Error)
    }
    try {
      const { authorization, lane } = request.slipway.received
      const found = authenticator.authenticate(authorization, lane)
      if (found instanceof Promise) found.then(accept).catch(refuse)
      else accept(found)
    } catch (error) {
      refuse(error)
    }
  }
}

/** The identity that the hook found. */
export function identityOf(request: FastifyRequest): Identity {
  const { identity } = request.slipway
  if (!identity) throw new Error('the route has no authentication hook')
  return identity
}
