// A gateway with models in every state and engines that stream words, for the tests of the console and its pictures.
import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Endpoint, ModelEntry, Tenant } from '../discovery/directory.ts'
import { type Answering, busyEvent, FakeEngine, type Fault, faults } from './fake-engine.ts'
import { model, startGateway, type TestGateway, tenant } from './harness.ts'

const story =
  'Once upon a time there was a little boat named Pip. Every morning Pip slid down the slipway into the cold, bright water and waited for the tide.\n\nOne day the harbour was full of fog. Pip could not see the lighthouse, but it could hear the bell. So it went slowly, from one sound to the next, until the lights of the quay came out of the grey.'
const words = story.split(/(?<= )/)

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

/** Streams the story word by word; usage comes last, as OpenAI’s servers send it. */
const storyAfter =
  (gapMs: number): Fault =>
  async ({ res, request, seen }: Answering) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const [index, word] of words.entries()) {
      if (res.destroyed) return
      const finish_reason = index === words.length - 1 ? 'stop' : null
      const choice = seen.path === '/v1/completions' ? { text: word } : { delta: { content: word } }
      res.write(event({ id: 'a', model: request.model, choices: [{ index: 0, ...choice, finish_reason }] }))
      if (gapMs > 0) await wait(gapMs)
    }
    const usage = { prompt_tokens: 24, completion_tokens: words.length, total_tokens: 24 + words.length }
    res.write(event({ id: 'a', model: request.model, choices: [], usage }))
    res.end('data: [DONE]\n\n')
  }

const json = ({ res }: Answering, value: object): void => {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

const embeds: Fault = (call) => {
  const input = [call.request.input].flat() as string[]
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 10, index] }))
  json(call, { object: 'list', data, model: 'bge-small-en', usage: { prompt_tokens: 12, total_tokens: 12 } })
}

const ranks: Fault = (call) => {
  const documents = call.request.documents as string[]
  const results = documents.map((_, index) => ({ index, relevance_score: (index + 1) / (documents.length + 1) }))
  json(call, { id: 'r', results, usage: { total_tokens: 20 } })
}

const answers: Record<string, Fault> = {
  'tiny-stories': storyAfter(25),
  'qwen3-8b': (call) => (call.seen.body.includes('fail') ? (faults['engine-error'] as Fault) : storyAfter(4))(call),
  'bge-small-en': embeds,
  'bge-reranker': ranks,
  'breaks-off': faults['cut-after-3'] as Fault,
  busy: ({ res }) =>
    void res.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${busyEvent}data: [DONE]\n\n`),
  refuses: faults['context-length'] as Fault,
}

const spec = (maxModelLen: number, changes: Partial<ModelEntry['spec']> = {}): ModelEntry['spec'] => ({
  maxModelLen,
  maxOutput: maxModelLen,
  minReplicas: 1,
  pricePerHour: 0,
  affinity: 'none',
  timeouts: { firstTokenSeconds: 30 },
  ...changes,
})

export interface Scene {
  gateway: TestGateway
  engine: FakeEngine
  stop(): Promise<void>
}

export interface SceneOptions {
  /** Models that fail, each in its own way, too. */
  faulty?: boolean
  /** Where the real server of tiny-stories listens; without it the engine of the tests writes its story. */
  tinyStories?: Endpoint
  /** Beside the tenant research. */
  tenants?: readonly Tenant[]
  config?: Partial<Config>
}

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const { faulty = false, tinyStories, tenants = [], config = {} } = options
  const engine = await FakeEngine.start((call) => (answers[call.seen.model] ?? (faults.ok as Fault))(call))
  const at = [engine.endpoint]
  const models = [
    model('tiny-stories', tinyStories === undefined ? at : [tinyStories], {
      modelId: 'model-server/models/tiny-stories',
      engine: 'cpu',
      description: 'Demo model of 2.3 million parameters: explains Slipway’s words and writes small stories.',
      spec: spec(512),
    }),
    model('qwen3-8b', [...at, { ...engine.endpoint, address: 'localhost' }], {
      modelId: 'Qwen/Qwen3-8B',
      description: 'Qwen3 8B for chat and tools.',
      spec: spec(32_768, { pricePerHour: 0.98 }),
    }),
    model('llama-3-1-8b-instruct', [], {
      modelId: 'meta-llama/Llama-3.1-8B-Instruct',
      spec: spec(16_384, { minReplicas: 0, pricePerHour: 0.98 }),
    }),
    model('phi-4', [], { modelId: 'microsoft/phi-4', spec: spec(16_384, { pricePerHour: 2.24 }) }),
    model('llama-3-3-70b-instruct', [], {
      modelId: 'meta-llama/Llama-3.3-70B-Instruct',
      spec: spec(32_768, { pricePerHour: 12.4 }),
      unavailable: { reason: 'it needs 4 GPUs of kind l40s, and this machine has none' },
    }),
    model('bge-small-en', at, {
      modelId: 'BAAI/bge-small-en-v1.5',
      task: 'feature-extraction',
      engine: 'tei',
      description: 'English embeddings, 384 dimensions.',
      spec: spec(512, { maxOutput: 0, pricePerHour: 0.17 }),
    }),
    model('bge-reranker', at, {
      modelId: 'BAAI/bge-reranker-v2-m3',
      task: 'text-classification',
      description: 'Multilingual reranker.',
      spec: spec(8192, { maxOutput: 0, pricePerHour: 0.98 }),
    }),
    ...(faulty ? ['breaks-off', 'busy', 'refuses'].map((name) => model(name, at)) : []),
  ]
  const limits = { requestsPerMinute: 120, tokensPerMinute: 40_000, concurrency: 16 }
  const gateway = await startGateway(models, { tenants: [tenant('research', { limits }), ...tenants], config })
  return {
    gateway,
    engine,
    stop: async () => {
      await gateway.stop()
      await engine.stop()
    },
  }
}
