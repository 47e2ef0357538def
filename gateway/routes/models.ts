// GET /v1/models: what a tenant may use now, from the directory; no engine is asked.
import type { FastifyInstance } from 'fastify'
import type { ModelEntry, Snapshot, Tenant } from '../discovery/directory.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { findModel, mayUse } from '../request/admit.ts'

/** OpenAI's model object, with vLLM's `root` and `max_model_len`. */
interface ModelObject {
  id: string
  object: 'model'
  created: number
  owned_by: string
  root: string
  max_model_len: number
}

const describe = (entry: ModelEntry): ModelObject => ({
  id: entry.name,
  object: 'model',
  created: entry.created,
  owned_by: entry.modelId.split('/')[0] ?? 'slipway',
  root: entry.modelId,
  max_model_len: entry.spec.maxModelLen,
})

/** Ready, or asleep and woken by a request. */
const isOffered = (entry: ModelEntry): boolean =>
  !entry.unavailable && (entry.endpoints.some(({ ready }) => ready) || entry.spec.minReplicas === 0)

export const offeredModels = (snapshot: Snapshot, tenant: Tenant): ModelEntry[] =>
  [...snapshot.models.values()].filter((entry) => mayUse(tenant, entry) && isOffered(entry))

export function addModelRoutes(app: FastifyInstance, gateway: Gateway): void {
  const onRequest = authentication(gateway)
  for (const lane of ['', '/stream']) {
    app.get(`${lane}/v1/models`, { onRequest }, (request) => ({
      object: 'list',
      data: offeredModels(gateway.directory.snapshot, identityOf(request).tenant).map(describe),
    }))
    // A wildcard: SDKs send a slash of an id as %2F, people as it is.
    app.get(`${lane}/v1/models/*`, { onRequest }, (request) => {
      const name = (request.params as { '*': string })['*']
      return describe(findModel(gateway.directory.snapshot, identityOf(request).tenant, name))
    })
  }
}
