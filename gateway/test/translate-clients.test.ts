// Hugging Face's own client through a whole gateway, to engines that answer as vLLM and Text Embeddings Inference do.
import { InferenceClient } from '@huggingface/inference'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, type Fault } from './fake-engine.ts'
import { model, startGateway, type TestGateway } from './harness.ts'

const greeting = ' Grüße 👩‍👩‍👧 日本'
const secret = '/opt/engine/SECRET at 10.20.30.40:8000'

const json = ({ res }: Parameters<Fault>[0], value: unknown): void => {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

const choiceOf = (text: string, finish: string | null) => ({
  index: 0,
  text,
  logprobs: null,
  finish_reason: finish,
  stop_reason: null,
  token_ids: null,
})

function vllmStream({ res }: Parameters<Fault>[0]): void {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  const event = (value: object) => `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', ...value })}\n\n`
  const words = greeting.split(/(?= )/)
  words.forEach((word, at) => {
    res.write(event({ choices: [choiceOf(word, at === words.length - 1 ? 'stop' : null)] }))
  })
  res.write(event({ choices: [], usage: { prompt_tokens: 5, total_tokens: 14, completion_tokens: 9 } }))
  res.end('data: [DONE]\n\n')
}

const usage = { prompt_tokens: 5, total_tokens: 14, completion_tokens: 9 }

/** vLLM, by path. Vectors are the lengths of the texts, in reverse order. */
const vllm: Fault = (call) => {
  const { seen, request } = call
  const rows = [request.input].flat().map((text, index) => ({ index, embedding: [String(text).length, 3] }))
  const label = { index: 0, label: 'Glück', probs: [0.1, 0.9], num_classes: 2 }
  const message = { role: 'assistant', content: greeting }
  if (seen.path === '/v1/completions' && request.stream === true) vllmStream(call)
  else if (seen.path === '/v1/completions') json(call, { choices: [choiceOf(greeting, 'stop')], usage })
  else if (seen.path === '/v1/embeddings') json(call, { object: 'list', data: rows.reverse(), usage })
  else if (seen.path === '/classify') json(call, { object: 'list', data: [label], usage })
  else json(call, { id: 'c', choices: [{ index: 0, message, finish_reason: 'stop' }], usage })
}

/** Text Embeddings Inference, by path. */
const tei: Fault = (call) => {
  const { seen, request } = call
  if (seen.path === '/embed')
    json(
      call,
      [request.inputs].flat().map((text) => [String(text).length, 3]),
    )
  else if (seen.path === '/similarity') json(call, [1, 0.5])
  else if (seen.path === '/predict')
    json(call, [
      { label: 'LABEL_0', score: 0.1 },
      { label: 'Glück', score: 0.9 },
    ])
  else call.res.writeHead(404).end()
}

describe('Hugging Face’s client through the gateway', (test) => {
  let generator: FakeEngine
  let encoder: FakeEngine
  let gateway: TestGateway
  let client: InferenceClient

  test.before(async () => {
    generator = await FakeEngine.start(vllm)
    encoder = await FakeEngine.start(tei)
    const spec = { ...model('x', []).spec, maxOutput: 0 }
    const kinds = [['openai', generator] as const, ['tei', encoder] as const]
    gateway = await startGateway([
      model('writer', [generator.endpoint]),
      ...kinds.flatMap(([api, { endpoint }]) => [
        model(`embed-${api}`, [endpoint], { task: 'feature-extraction', api, spec }),
        model(`classify-${api}`, [endpoint], { task: 'text-classification', api, spec }),
      ]),
    ])
    client = new InferenceClient(gateway.token)
  })
  test.after(async () => {
    await gateway.stop()
    await generator.stop()
    await encoder.stop()
  })

  const at = (name: string) => `${gateway.url}/models/org/${name}`

  test('the six calls give the client’s own types, from both kinds of engine', async () => {
    const endpointUrl = at('writer')
    const talk = await client.chatCompletion({ endpointUrl, messages: [{ role: 'user', content: greeting }] })
    assert.is(talk.choices[0]?.message.content, greeting)
    assert.ok(generator.seen.at(-1)?.body.includes(greeting))
    const written = await client.textGeneration({ endpointUrl, inputs: greeting, parameters: { max_new_tokens: 9 } })
    assert.equal(written, { generated_text: greeting })
    // This version of the client gives the events of /v1/completions as they are.
    const pieces: string[] = []
    for await (const event of client.textGenerationStream({ endpointUrl, inputs: greeting })) {
      const { choices } = event as unknown as { choices: { text: string }[] }
      pieces.push(choices[0]?.text ?? '')
    }
    assert.is(pieces.join(''), greeting)
    for (const api of ['openai', 'tei']) {
      const inputs = ['four', '日本']
      const vectors = await client.featureExtraction({ endpointUrl: at(`embed-${api}`), inputs })
      assert.equal(
        vectors,
        [
          [4, 3],
          [2, 3],
        ],
        api,
      )
      const compared = { source_sentence: 'same', sentences: ['same', '日本'] }
      const similar = await client.sentenceSimilarity({ endpointUrl: at(`embed-${api}`), inputs: compared })
      assert.is(similar.length, 2, api)
      assert.ok(similar.every((one) => typeof one === 'number'))
      assert.ok(Math.abs((similar[0] ?? 0) - 1) < 1e-9 && (similar[1] ?? 1) < 0.99, `${api} ${similar}`)
      const labels = await client.textClassification({
        endpointUrl: at(`classify-${api}`),
        inputs: 'ß',
        parameters: { top_k: 1 },
      })
      assert.equal(labels, [{ label: 'Glück', score: 0.9 }], api)
    }
  })

  test('text in the shape of the Python client keeps its unicode, whole and as a stream', async () => {
    const ask = async (stream: boolean) =>
      (await gateway.post('/models/org/writer', { inputs: greeting, parameters: { details: true }, stream })).text()
    const [whole] = JSON.parse(await ask(false)) as { generated_text: string; details: { generated_tokens: number } }[]
    assert.is(whole?.generated_text, greeting)
    assert.is(whole?.details.generated_tokens, 9)
    const events = (await ask(true))
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace(/^data:/, '')) as { token: { text: string }; generated_text: string })
    assert.is(events.map(({ token }) => token.text).join(''), greeting)
    assert.is(events.at(-1)?.generated_text, greeting)
    assert.ok(events.slice(0, -1).every((event) => event.generated_text === null))
  })

  test('bad input is an error of the client that names the field', async () => {
    const calls = {
      sentences: () =>
        client.sentenceSimilarity({
          endpointUrl: at('embed-tei'),
          inputs: { source_sentence: 'a', sentences: [] },
        }),
      prompt_name: () =>
        client.featureExtraction({ endpointUrl: at('embed-openai'), inputs: 'a', prompt_name: 'query' }),
      top_k: () =>
        client.textClassification({ endpointUrl: at('classify-tei'), inputs: 'a', parameters: { top_k: 0 } }),
    }
    for (const [field, call] of Object.entries(calls)) {
      const message = await call().then(
        () => 'no error',
        (error: Error) => JSON.stringify([error.message, error]),
      )
      assert.ok(message.includes(field), message)
    }
  })

  test('a broken answer of an engine is a 502 without a word of it', async () => {
    const broken: Fault = (call) => json(call, { data: secret, choices: [{ text: 7, finish_reason: secret }] })
    const bodies = {
      writer: { inputs: 'a' },
      'embed-openai': { inputs: 'a' },
      'embed-tei': { inputs: { source_sentence: 'a', sentences: ['b'] } },
      'classify-openai': { inputs: 'a' },
      'classify-tei': { query: 'a', texts: ['b'] },
    }
    generator.fault = broken
    encoder.fault = broken
    try {
      for (const [name, body] of Object.entries(bodies)) {
        const answer = await gateway.post(`/models/org/${name}`, body)
        const text = await answer.text()
        assert.is(answer.status, 502, name)
        assert.not(/SECRET|10\.20/.test(text), text)
        assert.is(typeof (JSON.parse(text) as { error_type: unknown }).error_type, 'string')
      }
    } finally {
      generator.fault = vllm
      encoder.fault = tei
    }
  })
})
