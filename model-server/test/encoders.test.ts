// Encoder models by the real path: vectors, reranking, labels, each with a small generated model.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { type BertKind, writeBert } from './bert-directory.ts'
import { type Server, startServer } from './server-process.ts'

const model = 'tiny-stories'

async function withModel(kind: BertKind, run: (server: Server) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bert-'))
  writeBert(directory, kind)
  const server = await startServer([], { model: ['--model-dir', directory] })
  try {
    await run(server)
  } finally {
    await server.stop()
    rmSync(directory, { recursive: true })
  }
}

const json = async <Body>(response: Promise<Response>): Promise<Body> => (await (await response).json()) as Body

interface Embeddings {
  data: { index: number; embedding: number[] }[]
  usage: { prompt_tokens: number; total_tokens: number }
}

const length = (vector: readonly number[]): number => Math.hypot(...vector)

describe('an embedding model', (test) => {
  test('makes one vector per text, the same for the same text', () =>
    withModel({ labels: 0 }, async (server) => {
      const input = ['The cat sat.', 'the dog ran', 'the cat sat .']
      const { data, usage } = await json<Embeddings>(server.post('/v1/embeddings', { model, input }))
      assert.equal(
        data.map(({ index, embedding }) => [index, embedding.length]),
        [
          [0, 16],
          [1, 16],
          [2, 16],
        ],
      )
      assert.equal(data[0]?.embedding, data[2]?.embedding)
      assert.is.not(JSON.stringify(data[0]?.embedding), JSON.stringify(data[1]?.embedding))
      // [CLS] the cat sat . [SEP], [CLS] the dog ran [SEP]
      assert.is(usage.prompt_tokens, 6 + 5 + 6)
    }))

  test('speaks to the openai client, which asks for base64', () =>
    withModel({ labels: 0 }, async (server) => {
      const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
      const answer = await client.embeddings.create({ model, input: 'the cat' })
      const plain = await json<Embeddings>(server.post('/v1/embeddings', { input: 'the cat' }))
      const [got, want] = [answer.data[0]?.embedding ?? [], plain.data[0]?.embedding ?? []]
      assert.is(got.length, 16)
      for (const [index, value] of want.entries()) assert.ok(Math.abs(value - (got[index] ?? 0)) < 1e-6)
    }))

  test('normalizes when its files or the request say so, and takes truncation', () =>
    withModel({ labels: 0, pooling: 'mean', normalizes: true }, async (server) => {
      const vector = async (fields: object): Promise<number[]> =>
        (await json<Embeddings>(server.post('/v1/embeddings', { input: 'the cat sat on the mat', ...fields }))).data[0]
          ?.embedding ?? []
      assert.ok(Math.abs(length(await vector({})) - 1) < 1e-6)
      assert.ok(Math.abs(length(await vector({ use_activation: false })) - 1) > 1e-3)
      const cut = await json<Embeddings>(
        server.post('/v1/embeddings', {
          input: 'the cat sat on the mat',
          truncate_prompt_tokens: 3,
          truncation_side: 'right',
        }),
      )
      assert.is(cut.usage.prompt_tokens, 3)
    }))

  test('takes the first token’s vector when its pooling says so', () =>
    withModel({ labels: 0, pooling: 'cls' }, (first) =>
      withModel({ labels: 0, pooling: 'mean' }, async (mean) => {
        const of = async (server: Server) =>
          (await json<Embeddings>(server.post('/v1/embeddings', { input: 'the cat' }))).data[0]?.embedding
        assert.is.not(JSON.stringify(await of(first)), JSON.stringify(await of(mean)))
      }),
    ))

  test('refuses texts that are too long, other dimensions, and has no other routes', () =>
    withModel({ labels: 0 }, async (server) => {
      const status = async (path: string, body: object) => (await server.post(path, body)).status
      assert.is(await status('/v1/embeddings', { input: 'cat '.repeat(80) }), 400)
      assert.is(await status('/v1/embeddings', { input: 'cat '.repeat(80), truncate_prompt_tokens: -1 }), 200)
      assert.is(await status('/v1/embeddings', { input: 'cat', dimensions: 8 }), 400)
      assert.is(await status('/v1/embeddings', { input: 'cat', encoding_format: 'int4' }), 400)
      assert.is(await status('/v1/embeddings', { input: [] }), 400)
      for (const path of ['/v1/completions', '/v1/chat/completions', '/v1/rerank', '/classify'])
        assert.is(await status(path, {}), 404)
      assert.is(await server.metric('vllm:num_requests_running'), 0)
      assert.is(await server.metric('vllm:num_requests_waiting'), 0)
      assert.is(await server.metric('vllm:request_success_total{finished_reason="stop"'), 1)
    }))
})

describe('a reranker', (test) => {
  interface Ranking {
    results: { index: number; relevance_score: number; document: { text: string } }[]
    usage: { total_tokens: number }
  }
  const documents = ['the cat sat', 'the dog ran', 'on a mat']

  test('orders documents by their score, reads query and document together, and cuts at top_n', () =>
    withModel({ labels: 1 }, async (server) => {
      const rank = (path: string, fields: object) =>
        json<Ranking>(server.post(path, { query: 'what is a cat?', documents, ...fields }))
      const { results, usage } = await rank('/v1/rerank', {})
      assert.is(results.length, 3)
      const scores = results.map(({ relevance_score: score }) => score)
      assert.equal(
        scores,
        [...scores].sort((a, b) => b - a),
      )
      assert.ok(scores.every((score) => score > 0 && score < 1))
      assert.ok(results.every(({ index, document }) => document.text === documents[index]))
      // [CLS] what is a cat ? [SEP] and three words with [SEP] each.
      assert.is(usage.total_tokens, 3 * (7 + 4))
      assert.equal((await rank('/rerank', { top_n: 1 })).results, results.slice(0, 1))
      const raw = (await rank('/v1/rerank', { use_activation: false })).results
      const [first] = raw
      assert.ok(
        Math.abs(1 / (1 + Math.exp(-(first?.relevance_score ?? 0))) - (results[0]?.relevance_score ?? 0)) < 1e-6,
      )
      const swapped = await rank('/v1/rerank', { query: 'dog' })
      assert.is.not(JSON.stringify(swapped.results), JSON.stringify(results))
    }))

  test('scores pairs in their order, under each of vLLM’s names', () =>
    withModel({ labels: 1 }, async (server) => {
      const { results } = await json<Ranking>(server.post('/v2/rerank', { query: 'what is a cat?', documents }))
      const ranked = results.toSorted((a, b) => a.index - b.index).map(({ relevance_score: score }) => score)
      for (const [left, right] of [
        ['queries', 'documents'],
        ['queries', 'items'],
        ['text_1', 'text_2'],
        ['data_1', 'data_2'],
      ] as const) {
        const body = { [left]: 'what is a cat?', [right]: documents }
        const { data } = await json<{ data: { index: number; score: number }[] }>(server.post('/v1/score', body))
        assert.equal(
          data.map(({ score }) => score),
          ranked,
        )
        assert.equal(
          data.map(({ index }) => index),
          [0, 1, 2],
        )
      }
      const uneven = await server.post('/score', { text_1: ['a', 'b'], text_2: documents })
      assert.is(uneven.status, 400)
      assert.match(await uneven.text(), 'Input lengths must be either 1:1, 1:N or N:N')
      assert.match(await (await server.post('/score', { text_2: 'a' })).text(), /body\.queries.*Field required/)
    }))

  test('names what is missing', () =>
    withModel({ labels: 1 }, async (server) => {
      const response = await server.post('/v1/rerank', { query: 'a' })
      assert.is(response.status, 400)
      assert.match(await response.text(), /body\.documents.*Field required/)
    }))
})

describe('a classifier', (test) => {
  test('names the likeliest label and the share of each', () =>
    withModel({ labels: 3 }, async (server) => {
      interface Classes {
        data: { label: string; probs: number[]; num_classes: number }[]
      }
      const { data } = await json<Classes>(server.post('/classify', { model, input: ['the cat', 'the dog'] }))
      assert.is(data.length, 2)
      for (const { label, probs, num_classes } of data) {
        assert.is(num_classes, 3)
        assert.ok(Math.abs(probs.reduce((sum, value) => sum + value, 0) - 1) < 1e-6)
        assert.is(label, `label ${probs.indexOf(Math.max(...probs))}`)
      }
    }))
})
