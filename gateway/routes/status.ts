// GET /v1/slipway/status: what the console shows to a tenant.
import type { FastifyInstance } from 'fastify'
import type { ModelEntry } from '../discovery/directory.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import type { QuotaStatus } from '../quota/quota.ts'
import { mayUse } from '../request/admit.ts'

export type ModelState = 'ready' | 'asleep' | 'starting' | 'unavailable'

function stateOf(entry: ModelEntry, waiting: number): ModelState {
  if (entry.unavailable) return 'unavailable'
  if (entry.endpoints.some(({ ready }) => ready)) return 'ready'
  return entry.spec.minReplicas === 0 && waiting === 0 ? 'asleep' : 'starting'
}

export function addStatusRoute(app: FastifyInstance, gateway: Gateway): void {
  const onRequest = authentication(gateway)
  for (const lane of ['', '/stream']) {
    app.get(`${lane}/v1/slipway/status`, { onRequest }, (request) => {
      const { tenant, isOperator } = identityOf(request)
      const models = [...gateway.directory.snapshot.models.values()].filter((entry) => mayUse(tenant, entry))
      return {
        tenant: tenant.name,
        /** Whether /v1/slipway/operator would answer. */
        operator: isOperator,
        limits: tenant.limits,
        quota: {
          generate: gateway.quota.status(tenant, 'generate'),
          embed: gateway.quota.status(tenant, 'embed'),
        } satisfies Record<string, QuotaStatus>,
        models: models.map((entry) => describeModel(entry, gateway)),
        /** Quota and samples are those of the pod that answers, one of this many. */
        gatewayReplicas: gateway.directory.snapshot.gatewayReplicas,
        samples: gateway.samples.read(tenant.name, gateway.ticker.now()),
      }
    })
  }
}

export function describeModel(entry: ModelEntry, gateway: Gateway) {
  const runtime = gateway.runtimes.get(entry.name)
  const waiting = runtime?.waiting ?? 0
  return {
    name: entry.name,
    modelId: entry.modelId,
    revision: entry.revision,
    aliases: entry.aliases,
    description: entry.description ?? null,
    task: entry.task,
    engine: entry.engine,
    state: stateOf(entry, waiting),
    reason: entry.unavailable?.reason ?? null,
    replicas: entry.endpoints.filter(({ ready }) => ready).length,
    inflight: runtime?.inflight ?? 0,
    waiting,
    /** How far a model that was asleep is, and the seconds that it still needs as planned. */
    waking: runtime?.wake?.report(gateway.ticker.now()) ?? null,
    spec: entry.spec,
    pricePerHour: entry.spec.pricePerHour,
  }
}
