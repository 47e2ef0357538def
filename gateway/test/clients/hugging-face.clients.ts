// huggingface_hub's InferenceClient against the gateway, before vLLM and before Text Embeddings Inference: it gets its
// own types, and its own classes of errors.
import { setTimeout as wait } from 'node:timers/promises'
import { assert, describe } from '../../../test/spec.ts'
import { FakeEngine } from '../fake-engine.ts'
import { send, tei, vllm } from '../fake-servers.ts'
import { model, startGateway, type TestGateway, until } from '../harness.ts'
import { type Answer, PythonClient, pythonWithClients } from './python-client.ts'

const environment = await pythonWithClients()

/** Engines that fail as their model's name says. */
const failing = [
  'busy-503',
  'busy-event',
  'context-length',
  'cut-after-3',
  'engine-error',
  'no-answer',
  'ok',
  'slow-stream',
]

interface TextChunk {
  token: { id: number; text: string }
  generated_text: string | null
  details: { finish_reason: string; generated_tokens: number } | null
}

interface ChatChunk {
  choices: { delta: { content: string } }[]
}

describe('huggingface_hub', (test) => {
  if ('missing' in environment) {
    test.skip('every call', environment.missing)
    return
  }
  let python: PythonClient
  let faulty: FakeEngine
  let generator: FakeEngine
  let encoder: FakeEngine
  let cutting: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    python = new PythonClient(environment.python, 'hugging-face-client.py')
    faulty = await FakeEngine.start()
    generator = await FakeEngine.start(vllm)
    encoder = await FakeEngine.start(tei)
    cutting = await FakeEngine.start(async ({ res, socket }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: {"choices":[{"index":0,"text":" a","finish_reason":null}]}\n\n')
      await wait(20)
      socket.destroy()
    })
    const spec = { ...model('x', []).spec, maxOutput: 0 }
    const encoders = (api: 'openai' | 'tei', engine: FakeEngine) => [
      model(`embed-${api}`, [engine.endpoint], { task: 'feature-extraction', api, spec }),
      model(`compare-${api}`, [engine.endpoint], { task: 'sentence-similarity', api, spec }),
      model(`classify-${api}`, [engine.endpoint], { task: 'text-classification', api, spec }),
    ]
    gateway = await startGateway(
      [
        ...failing.map((name) => model(name, [faulty.endpoint])),
        model('writer', [generator.endpoint]),
        model('cut-text', [cutting.endpoint]),
        ...encoders('openai', generator),
        ...encoders('tei', encoder),
        model('odd-task', [generator.endpoint], { task: 'image-segmentation' }),
      ],
      { config: { API_LANE_SECONDS: 1 } },
    )
  })
  test.after(async () => {
    await python.stop()
    await gateway.stop()
    for (const engine of [faulty, generator, encoder, cutting]) await engine.stop()
  })

  interface Options {
    lane?: '' | '/stream'
    token?: string
    closeAfter?: number
  }

  const call = <Result = unknown, Chunk = unknown>(
    name: string,
    method: string,
    input: Record<string, unknown>,
    { lane = '/stream', token = gateway.token, closeAfter }: Options = {},
  ): Promise<Answer<Result, Chunk>> =>
    python.ask<Result, Chunk>({
      client: { base_url: `${gateway.url}${lane}/models/org/${name}`, token },
      call: method,
      arguments: input,
      ...(closeAfter !== undefined && { closeAfter }),
    })

  const text = (name: string, extra: Record<string, unknown> = {}, options?: Options) =>
    call<unknown, TextChunk>(name, 'text_generation', { prompt: 'Hi', ...extra }, options)
  const chat = (name: string, extra: Record<string, unknown> = {}, options?: Options) =>
    call<{ choices: { message: { content: string } }[] }, ChatChunk>(
      name,
      'chat_completion',
      { messages: [{ role: 'user', content: 'Hi' }], ...extra },
      options,
    )

  test('chats; the engine gets its own name for the model in place of the client’s “dummy”', async () => {
    const { result, error } = await chat('ok')
    assert.is(error, undefined)
    assert.is(result?.choices[0]?.message.content, 'Hello.')
    assert.is(faulty.seen.at(-1)?.model, 'ok')
    const streamed = await chat('ok', { stream: true })
    assert.is(streamed.chunks?.map(({ choices }) => choices[0]?.delta.content).join(''), 't1t2t3t4t5')
  })

  test('continues a text: plain, with details, and as a stream', async () => {
    assert.is((await text('writer', { max_new_tokens: 3 })).result, ' Grüße from here.')
    assert.is(JSON.parse(generator.seen.at(-1)?.body ?? '').max_tokens, 3)
    const detailed = (await text('writer', { details: true, seed: 4 })).result as {
      generated_text: string
      details: { finish_reason: string; generated_tokens: number; seed: number; tokens: object[] }
    }
    assert.is(detailed.generated_text, ' Grüße from here.')
    assert.equal(
      [detailed.details.finish_reason, detailed.details.generated_tokens, detailed.details.seed],
      ['length', 3, 4],
    )
    assert.equal(detailed.details.tokens, [{ id: 11, logprob: -0.5, special: false, text: ' Grüße' }])
    assert.equal((await text('writer', { stream: true })).chunks, [' Grüße', ' from', ' here.'])
    const { chunks } = await text('writer', { stream: true, details: true })
    assert.equal(
      chunks?.map(({ token }) => token.id),
      [11, 12, 13],
    )
    const last = chunks?.at(-1)
    assert.is(last?.generated_text, ' Grüße from here.')
    assert.equal([last?.details?.finish_reason, last?.details?.generated_tokens], ['eos_token', 3])
  })

  for (const api of ['openai', 'tei']) {
    test(`embeds, compares and classifies with an engine that speaks ${api}`, async () => {
      const vector = await call<{ dtype: string; rows: number[][] }>(`embed-${api}`, 'feature_extraction', {
        text: 'four',
      })
      assert.equal(vector.result, { dtype: 'float32', rows: [[4, 1, 2]] })
      const alike = await call<number[]>(`compare-${api}`, 'sentence_similarity', {
        sentence: 'four',
        other_sentences: ['four', 'x'],
      })
      assert.is(alike.result?.length, 2)
      assert.ok((alike.result?.[0] ?? 0) > (alike.result?.[1] ?? 1))
      const labels = await call<{ label: string; score: number }[]>(`classify-${api}`, 'text_classification', {
        text: 'I like it',
      })
      assert.equal(labels.result?.[0]?.label, 'joy', JSON.stringify(labels))
    })
  }

  test('raises its own class for each failure of a text', async () => {
    const cases: [class_: string, said: RegExp, ask: () => Promise<Answer<unknown, unknown>>][] = [
      ['OverloadedError', /no free place/, () => text('busy-503')],
      ['OverloadedError', /no free place/, () => text('busy-event', { stream: true, details: true })],
      ['ValidationError', /maximum context length/, () => text('context-length')],
      ['ValidationError', /watermark/, () => text('writer', { watermark: true })],
      ['ValidationError', /image-segmentation/, () => text('odd-task')],
      ['GenerationError', /failed/, () => text('engine-error')],
      ['GenerationError', /longer than 1 s/, () => text('no-answer', {}, { lane: '' })],
      ['GenerationError', /cannot be used/, () => text('cut-after-3', { stream: true, details: true })],
      ['IncompleteGenerationError', /broke off/, () => text('cut-text', { stream: true, details: true })],
    ]
    for (const [name, said, ask] of cases) {
      const { error } = await ask()
      assert.is(error?.class, name, JSON.stringify(error))
      assert.match(error?.message ?? '', said)
    }
  })

  test('raises an error of HTTP with our words for each failure of a chat', async () => {
    const cases: [status: number, said: RegExp, ask: () => Promise<Answer<unknown, unknown>>][] = [
      [429, /no free place/, () => chat('busy-503')],
      [400, /maximum context length/, () => chat('context-length')],
      [401, /token/, () => chat('ok', {}, { token: 'nonsense' })],
      [404, /does not exist/, () => chat('nobody')],
      [502, /failed/, () => chat('engine-error')],
    ]
    for (const [status, said, ask] of cases) {
      const { error } = await ask()
      assert.ok(error?.bases.includes('HfHubHTTPError'), JSON.stringify(error))
      assert.is(error?.status, status)
      assert.match(error?.message ?? '', said)
    }
  })

  test('raises an error when a chat’s stream is cut off', async () => {
    const answer = await chat('cut-after-3', { stream: true })
    assert.is(answer.chunks?.length, 3)
    assert.ok(answer.error, JSON.stringify(answer))
  })

  test('gets an error, and nothing of the answer, when an engine sends what is none', async () => {
    const broken = await FakeEngine.start(send({ choices: 'LEAK' }))
    gateway.directory.setEndpoints('writer', [broken.endpoint])
    const { error } = await text('writer')
    gateway.directory.setEndpoints('writer', [generator.endpoint])
    await broken.stop()
    assert.is(error?.class, 'GenerationError', error?.message)
    assert.not.match(error?.message ?? '', /LEAK/)
  })

  test('frees the engine when it leaves a stream', async () => {
    const left = await chat('slow-stream', { stream: true }, { closeAfter: 2 })
    assert.is(left.chunks?.length, 2)
    await until(() => faulty.running === 0, 'the engine stops', 500)
  })
})
