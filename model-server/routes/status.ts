// What a server says about itself: whether it lives, which model it has, and its metrics.
import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics.ts'
import type { Serving } from './serving.ts'

export function addStatusRoutes(app: FastifyInstance, serving: Serving, metrics: Metrics): void {
  const { engine, servedName, root, version } = serving
  const created = serving.now()
  for (const path of ['/health', '/ping'])
    app.get(path, (_request, reply) => {
      void reply.code(engine.isAlive ? 200 : 503).send()
    })
  // Of this program; vLLM gives its own here.
  app.get('/version', () => ({ version }))
  app.get('/metrics', async (_request, reply) => {
    void reply.header('content-type', metrics.registry.contentType)
    return metrics.registry.metrics()
  })
  app.get('/v1/models', () => ({
    object: 'list',
    data: [
      {
        id: servedName,
        object: 'model',
        created,
        owned_by: 'slipway',
        root,
        parent: null,
        max_model_len: engine.info.maxModelLen,
        permission: [permission(serving.newId(), created)],
        // Not vLLM’s: nobody shall take the bundled model for more than it is.
        ...(engine.info.demo && { demo: true, description: demoDescription }),
      },
    ],
  }))
}

export const demoDescription = 'Demo model: it shows that the server works, not what a language model can do.'

const permission = (id: string, created: number): object => ({
  id: `modelperm-${id}`,
  object: 'model_permission',
  created,
  allow_create_engine: false,
  allow_sampling: true,
  allow_logprobs: true,
  allow_search_indices: false,
  allow_view: true,
  allow_fine_tuning: false,
  organization: '*',
  group: null,
  is_blocking: false,
})
