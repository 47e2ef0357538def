// Puts the identity on a request before its body is read, so that strangers cannot make the gateway read bodies.
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { AuthError } from '../auth/auth-error.ts'
import { authorizationValues } from '../auth/authorization.ts'
import type { Identity } from '../auth/identity.ts'
import type { Gateway } from '../gateway.ts'

/** Hook for routes that need an identity. */
export function authentication(gateway: Gateway): onRequestHookHandler {
  const { authenticator, metrics } = gateway
  return (request, _reply, done) => {
    const refuse = (error: unknown) => {
      if (error instanceof AuthError) metrics.refused(error.reason)
      done(error as Error)
    }
    try {
      const found = authenticator.authenticate(authorizationValues(request.raw.rawHeaders), request.slipway.lane)
      if (found instanceof Promise)
        found.then((identity) => {
          request.slipway.identity = identity
          done()
        }, refuse)
      else {
        request.slipway.identity = found
        done()
      }
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
