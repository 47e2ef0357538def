// GET /v1/slipway/operator: what the console shows to operators, of all tenants and models. It reads and changes nothing.
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Tenant } from '../discovery/directory.ts'
import type { Gateway } from '../gateway.ts'
import { authentication } from '../plugins/authentication.ts'
import { describeModel } from './status.ts'

export function addOperatorRoute(app: FastifyInstance, gateway: Gateway): void {
  const onRequest = authentication(gateway, (_request, { isOperator }) => {
    if (!isOperator) throw operatorsOnly()
  })
  for (const lane of ['', '/stream']) {
    app.get(`${lane}/v1/slipway/operator`, { onRequest }, async () => {
      const { snapshot } = gateway.directory
      return {
        /** What follows is what this pod knows, one of this many; but for `platform`. */
        pod: gateway.config.POD_NAME,
        gatewayReplicas: snapshot.gatewayReplicas,
        models: [...snapshot.models.values()].map((entry) => ({
          ...describeModel(entry, gateway),
          tenants: entry.tenants ?? null,
          endpoints: endpointsOf(entry.name, gateway),
        })),
        tenants: snapshot.tenants.map((tenant) => describeTenant(tenant, gateway)),
        wakes: gateway.wakes.read(),
        platform: await gateway.platform.read(),
      }
    })
  }
}

const operatorsOnly = (): ApiError =>
  new ApiError({
    status: 403,
    code: 'operators_only',
    message: 'Only a token with the operator scope of its tenant may see this.',
    retry: false,
  })

function endpointsOf(model: string, gateway: Gateway) {
  const now = gateway.ticker.now()
  return (gateway.runtimes.get(model)?.endpoints ?? []).map(({ key, ready, inflight, health }) => ({
    address: key,
    ready,
    health: health.standing(now),
    inflight,
  }))
}

function describeTenant(tenant: Tenant, gateway: Gateway) {
  const samples = gateway.samples.read(tenant.name, gateway.ticker.now())
  const sum = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((total, sample) => total + of(sample), 0)
  const requests = sum((sample) => sample.requests)
  return {
    name: tenant.name,
    models: tenant.models ?? null,
    limits: tenant.limits,
    quota: { generate: gateway.quota.status(tenant, 'generate'), embed: gateway.quota.status(tenant, 'embed') },
    /** Of requests that ended in the last minute. */
    minute: {
      requests,
      errors: sum(({ errors }) => errors),
      meanMs: requests === 0 ? 0 : Math.round(sum(({ requests: count, meanMs }) => count * meanMs) / requests),
    },
  }
}
