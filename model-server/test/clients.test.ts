// The official clients against the real process: list, chat, stream, stop, errors, abort.
import { InferenceClient } from '@huggingface/inference'
import OpenAI, { BadRequestError, InternalServerError, NotFoundError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { pause, type Server, startServer } from './server-process.ts'

const model = 'tiny-stories'
const messages = [{ role: 'user' as const, content: 'Hello' }]

describe('the openai client', (test) => {
  let server: Server
  let client: OpenAI
  test.before(async () => {
    server = await startServer(['--max-num-seqs', '1', '--max-num-queued-reqs', '2'])
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  test.after(() => server.stop())

  const idle = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn += 1) {
      const [running, waiting] = [
        await server.metric('vllm:num_requests_running'),
        await server.metric('vllm:num_requests_waiting'),
      ]
      if (running + waiting === 0) return
      await pause(10)
    }
    throw new Error('the server is still busy')
  }

  test('lists the model', async () => {
    const list = await client.models.list()
    assert.equal(
      list.data.map(({ id }) => id),
      [model],
    )
  })

  test('chats', async () => {
    const answer = await client.chat.completions.create({ model, messages, temperature: 0 })
    assert.is(answer.choices[0]?.finish_reason, 'stop')
    assert.ok((answer.choices[0]?.message.content ?? '').length > 0)
    assert.is(answer.usage?.total_tokens, (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0))
  })

  test('streams a chat with usage at its end', async () => {
    const whole = await client.chat.completions.create({ model, messages, temperature: 0 })
    const stream = await client.chat.completions.create({
      model,
      messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage
    }
    assert.is(text, whole.choices[0]?.message.content)
    assert.is(usage?.completion_tokens, whole.usage?.completion_tokens)
  })

  test('completes with stop, seed and logprobs', async () => {
    const answer = await client.completions.create({
      model,
      prompt: 'Once',
      stop: [' '],
      seed: 3,
      logprobs: 2,
      max_tokens: 30,
    })
    assert.is(answer.choices[0]?.finish_reason, 'stop')
    assert.not(answer.choices[0]?.text.includes(' '))
    assert.ok((answer.choices[0]?.logprobs?.tokens?.length ?? 0) > 0)
  })

  test('reads errors as its own classes', async () => {
    const fails = async (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => undefined,
        (error: unknown) => error,
      )
    assert.instance(await fails(client.chat.completions.create({ model: 'nobody', messages })), NotFoundError)
    assert.instance(await fails(client.completions.create({ model, prompt: 'a', max_tokens: -1 })), BadRequestError)
    const tooLong = await fails(client.completions.create({ model, prompt: 'a dog '.repeat(2000) }))
    assert.instance(tooLong, BadRequestError)
    assert.match(String(tooLong), /maximum context length/)
  })

  test('that goes away frees its place at once', async () => {
    const stream = await client.completions.create({
      model,
      prompt: 'a',
      stream: true,
      max_tokens: 200,
      temperature: 1,
    })
    for await (const _ of stream) break
    await idle()
    const controller = new AbortController()
    const waiting = client.completions.create({ model, prompt: 'a', max_tokens: 200 }, { signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    await waiting.catch(() => {})
    await idle()
    assert.is(await server.metric('vllm:request_success_total{finished_reason="abort"'), 0)
  })

  test('gets 503 with a pause when the queue is full, and the next answer when a place is free', async () => {
    const body = { prompt: 'a', max_tokens: 200, stream: true, temperature: 1, ignore_eos: true }
    const open = [await server.post('/v1/completions', body)]
    const second = server.post('/v1/completions', { ...body, max_tokens: 1 })
    await pause(20)
    const full = await server.post('/v1/completions', body)
    assert.equal([full.status, full.headers.get('retry-after')], [503, '1'])
    const error = await client.completions.create({ model, prompt: 'a', n: 3 }).catch((caught: unknown) => caught)
    assert.instance(error, InternalServerError)
    await Promise.all([...open, await second].map((response) => response.text()))
    await idle()
    assert.is((await client.completions.create({ model, prompt: 'a', max_tokens: 1 })).choices.length, 1)
    assert.ok((await server.metric('vllm:admission_rejections_total')) >= 2)
  })
})

describe('the Hugging Face client', (test) => {
  let server: Server
  let client: InferenceClient
  test.before(async () => {
    server = await startServer()
    client = new InferenceClient('none', { endpointUrl: server.url })
  })
  test.after(() => server.stop())

  test('chats, and streams the same', async () => {
    const answer = await client.chatCompletion({ model, messages, temperature: 0 })
    let text = ''
    for await (const chunk of client.chatCompletionStream({ model, messages, temperature: 0 }))
      text += chunk.choices[0]?.delta.content ?? ''
    assert.ok(text.length > 0)
    assert.is(text, answer.choices[0]?.message.content)
  })

  test('reads what is wrong', async () => {
    const error = await client.chatCompletion({ model, messages, temperature: -1 }).catch((caught: unknown) => caught)
    assert.match(JSON.stringify(error), /temperature must be non-negative/)
  })
})
