// POST /canary: says that the way here is whole, and that credentials are good when some come along. A POST, since EventBridge sends
// a body with every method and CloudFront refuses a GET that has one.
import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import type { Gateway } from '../gateway.ts'
import { authentication } from '../plugins/authentication.ts'

/** A stranger may ask, so hardly anything is read. */
const bodyLimit = 1024

export function addCanaryRoute(app: FastifyInstance, gateway: Gateway): void {
  const authenticate = authentication(gateway)
  const onRequest: onRequestHookHandler = function (request, reply, done) {
    if (request.raw.headers.authorization === undefined) done()
    else authenticate.call(this, request, reply, done)
  }
  for (const lane of ['', '/stream'])
    app.post(`${lane}/canary`, { onRequest, bodyLimit }, (_request, reply) => reply.code(204).send())
}
