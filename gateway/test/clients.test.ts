// The real clients from npm against the gateway: they get the types that they promise.
import { InferenceClient } from '@huggingface/inference'
import OpenAI, { NotFoundError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine } from './fake-engine.ts'
import { send, tei, vllm } from './fake-servers.ts'
import { model, startGateway, type TestGateway } from './harness.ts'

describe('a client of Hugging Face', (test) => {
  let generator: FakeEngine
  let encoder: FakeEngine
  let gateway: TestGateway
  let client: InferenceClient
  const small = { ...model('x', []).spec, maxOutput: 0 }

  test.before(async () => {
    generator = await FakeEngine.start(vllm)
    encoder = await FakeEngine.start(tei)
    const embedders = (api: 'openai' | 'tei', engine: FakeEngine) => [
      model(`embed-${api}`, [engine.endpoint], { task: 'feature-extraction', api, spec: small }),
      model(`classify-${api}`, [engine.endpoint], { task: 'text-classification', api, spec: small }),
    ]
    gateway = await startGateway([
      model('writer', [generator.endpoint]),
      ...embedders('openai', generator),
      ...embedders('tei', encoder),
      model('odd-task', [generator.endpoint], { task: 'image-segmentation' }),
    ])
    client = new InferenceClient(gateway.token)
  })
  test.after(async () => {
    await gateway.stop()
    await generator.stop()
    await encoder.stop()
  })

  const at = (name: string) => `${gateway.url}/models/org/${name}`

  test('gets its own types from all six calls, of vLLM and of Text Embeddings Inference', async () => {
    const talk = await client.chatCompletion({ endpointUrl: at('writer'), messages: [{ role: 'user', content: 'Hi' }] })
    assert.is(talk.choices[0]?.message.content, 'Hello.')
    assert.is(generator.seen.at(-1)?.model, 'writer')
    const text = await client.textGeneration({
      endpointUrl: at('writer'),
      inputs: 'Hi',
      parameters: { max_new_tokens: 3 },
    })
    assert.is(text.generated_text, ' Grüße from here.')
    for (const api of ['openai', 'tei']) {
      const vector = await client.featureExtraction({ endpointUrl: at(`embed-${api}`), inputs: 'four' })
      assert.equal(vector, [[4, 1, 2]], api)
      const vectors = await client.featureExtraction({ endpointUrl: at(`embed-${api}`), inputs: ['a', 'four'] })
      assert.equal(
        vectors,
        [
          [1, 1, 2],
          [4, 1, 2],
        ],
        api,
      )
      const similar = await client.sentenceSimilarity({
        endpointUrl: at(`embed-${api}`),
        inputs: { source_sentence: 'same', sentences: ['same', 'much longer than that'] },
      })
      assert.is(similar.length, 2)
      assert.ok((similar[0] ?? 0) > (similar[1] ?? 1), `${api} ${similar}`)
      const labels = await client.textClassification({
        endpointUrl: at(`classify-${api}`),
        inputs: 'What a day',
        parameters: { top_k: 1 },
      })
      assert.is(labels.length, 1)
      assert.is(labels[0]?.label, 'joy')
    }
  })

  /** What the Python client sends: to the model’s own URL. */
  const post = async (name: string, body: unknown) => {
    const response = await gateway.post(`/models/org/${name}`, body)
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown> & Record<number, Record<string, unknown>>,
    }
  }

  test('of Python writes text, with details when it asks', async () => {
    const plain = await post('writer', {
      inputs: 'Hi',
      parameters: { max_new_tokens: 3, do_sample: false, watermark: false, best_of: null },
    })
    assert.equal(plain.body, [{ generated_text: ' Grüße from here.' }] as never)
    const sent = JSON.parse(generator.seen.at(-1)?.body ?? '') as Record<string, unknown>
    assert.equal(sent, { model: 'writer', prompt: 'Hi', max_tokens: 3, temperature: 0 })
    const full = await post('writer', { inputs: 'Hi', parameters: { return_full_text: true, details: true, seed: 4 } })
    assert.is(full.body[0]?.generated_text, 'Hi Grüße from here.')
    assert.equal(full.body[0]?.details, {
      finish_reason: 'length',
      generated_tokens: 3,
      seed: 4,
      prefill: [],
      tokens: [{ id: 11, text: ' Grüße', logprob: -0.5, special: false }],
    })
  })

  test('of Python streams tokens; the last one carries the whole text', async () => {
    for (const path of ['/models/org/writer', '/models/writer/generate_stream']) {
      const response = await gateway.post(`/stream${path}`, { inputs: 'Hi', stream: true, parameters: {} })
      assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
      const lines = (await response.text()).split('\n\n').filter((line) => line !== '')
      assert.ok(lines.every((line) => line.startsWith('data:{')))
      const events = lines.map(
        (line) =>
          JSON.parse(line.slice(5)) as {
            token: { id: number; text: string }
            generated_text: string | null
            details: object | null
          },
      )
      assert.equal(
        events.map(({ token }) => token.text),
        [' Grüße', ' from', ' here.'],
      )
      assert.equal(
        events.map(({ token }) => token.id),
        [11, 12, 13],
      )
      assert.equal(
        events.map((event) => event.generated_text),
        [null, null, ' Grüße from here.'],
      )
      assert.equal(events.at(-1)?.details, { finish_reason: 'eos_token', generated_tokens: 3, seed: null })
    }
    assert.ok(gateway.log().includes('"inputTokens":5,"outputTokens":3'))
  })

  test('reranks in both shapes, of both engines', async () => {
    for (const api of ['openai', 'tei']) {
      const response = await gateway.post('/rerank', {
        model: `classify-${api}`,
        query: 'q',
        texts: ['aa', 'bbbb', 'c'],
        return_text: true,
      })
      assert.equal(await response.json(), [
        { index: 1, score: 0.04, text: 'bbbb' },
        { index: 0, score: 0.02, text: 'aa' },
        { index: 2, score: 0.01, text: 'c' },
      ])
      const cohere = await gateway.post('/v1/rerank', {
        model: `classify-${api}`,
        query: 'q',
        documents: ['aa', { text: 'bbbb' }],
        top_n: 1,
      })
      const { results } = (await cohere.json()) as { results: unknown[] }
      assert.equal(results, [{ index: 1, relevance_score: 0.04, document: { text: 'bbbb' } }])
      const own = await post(`classify-${api}`, { query: 'q', texts: ['aa'] })
      assert.equal(own.body, [{ index: 0, score: 0.02 }] as never)
    }
    assert.ok(gateway.log().includes('"inputTokens":7'))
  })

  test('learns which field is wrong, in its own words', async () => {
    const cases: [name: string, body: unknown, said: string][] = [
      ['writer', { inputs: 7 }, 'inputs'],
      ['writer', { inputs: 'x', parameters: { grammar: {} } }, 'grammar'],
      ['writer', { inputs: 'x', parameters: { watermark: true } }, 'watermark'],
      ['writer', { inputs: 'x', parameters: { max_new_tokens: 0 } }, 'max_new_tokens'],
      ['embed-tei', { inputs: [] }, 'inputs'],
      ['embed-openai', { inputs: 'x', prompt_name: 'query' }, 'prompt_name'],
      ['embed-openai', { inputs: { source_sentence: 'x', sentences: 'y' } }, 'sentences'],
      ['classify-tei', { inputs: ['x'] }, 'inputs'],
      ['odd-task', { inputs: 'x' }, 'image-segmentation'],
    ]
    for (const [name, body, said] of cases) {
      const answer = await post(name, body)
      assert.is(answer.status, 422, said)
      assert.is(answer.body.error_type, 'validation')
      assert.ok(String(answer.body.error).includes(said), String(answer.body.error))
    }
  })

  test('gets 502 when an engine answers what it should not, and nothing of that answer', async () => {
    for (const name of ['writer', 'embed-openai', 'classify-openai']) {
      const before = generator.fault
      generator.fault = send({ data: 'LEAK', choices: 'LEAK' })
      const answer = await post(name, { inputs: 'x' })
      generator.fault = before
      assert.is(answer.status, 502)
      assert.is(answer.body.error_type, 'generation')
      assert.not(JSON.stringify(answer.body).includes('LEAK'))
    }
  })
})

describe('a client of OpenAI', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway
  let client: OpenAI

  test.before(async () => {
    engine = await FakeEngine.start(vllm)
    gateway = await startGateway([
      model('writer', [engine.endpoint]),
      model('embedder', [engine.endpoint], {
        task: 'feature-extraction',
        spec: { ...model('x', []).spec, maxOutput: 0 },
      }),
    ])
    client = new OpenAI({ baseURL: `${gateway.url}/stream/v1`, apiKey: gateway.token, maxRetries: 0 })
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
  })

  test('lists models, and finds one by its id with a slash', async () => {
    const names: string[] = []
    for await (const { id } of client.models.list()) names.push(id)
    assert.equal(names.sort(), ['embedder', 'writer'])
    assert.is((await client.models.retrieve('org/writer')).id, 'writer')
    try {
      await client.models.retrieve('org/nobody')
      assert.unreachable('it was found')
    } catch (error) {
      assert.instance(error, NotFoundError)
      assert.is((error as NotFoundError).code, 'model_not_found')
    }
  })

  test('reads embeddings as base64, which it asks for by itself', async () => {
    const { data } = await client.embeddings.create({ model: 'embedder', input: ['four'] })
    assert.equal(data[0]?.embedding, [4, 1, 2])
    assert.ok(engine.seen.at(-1)?.body.includes('"encoding_format":"base64"'))
  })

  test('completes and streams, with usage when it asks', async () => {
    const whole = await client.completions.create({ model: 'writer', prompt: 'Hi' })
    assert.is(whole.choices[0]?.text, ' Grüße from here.')
    const stream = await client.completions.create({
      model: 'writer',
      prompt: 'Hi',
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let tokens = 0
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? ''
      tokens = chunk.usage?.completion_tokens ?? tokens
    }
    assert.is(text, ' Grüße from here.')
    assert.is(tokens, 3)
  })
})
