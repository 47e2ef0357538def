// Anthropic’s clients, of PyPI and of npm, against the gateway before a real vLLM’s bytes: they get their own types, raise the right
// class for every failure, and leave nothing running.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { npmEnvironment } from '../../../test/npm-environment.ts'
import { assert, describe } from '../../../test/spec.ts'
import { FakeEngine, type Fault } from '../fake-engine.ts'
import { apiKey, model, startGateway, type TestGateway, until } from '../harness.ts'
import { type Answer, PythonClient, pythonWithClients } from './python-client.ts'

const python = await pythonWithClients()
const npm = await npmEnvironment(join(import.meta.dirname, 'npm'))

const recorded = (file: string): string => readFileSync(new URL(`../recorded/${file}`, import.meta.url), 'utf8')
const json = (file: string): Fault => {
  const body = recorded(file)
  return ({ res }) => res.writeHead(200, { 'content-type': 'application/json' }).end(body)
}
const events = recorded('messages-stream.200.sse')

/** What an engine that takes Messages answers. */
const messagesEngine: Fault = (call) => {
  if (call.seen.path.endsWith('/count_tokens')) return json('count-tokens.200.json')(call)
  if (call.request.stream !== true) return json('messages.200.json')(call)
  return call.res.writeHead(200, { 'content-type': 'text/event-stream' }).end(events)
}
const cut: Fault = ({ res, socket }) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(events.slice(0, events.indexOf('"text":" quiet"')))
  setTimeout(() => socket.destroy(), 20)
}
const endless: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(events.slice(0, events.lastIndexOf('event: content_block_stop')))
}

const input = { model: 'org/writer', max_tokens: 12, messages: [{ role: 'user', content: 'Tell me a story.' }] }
const wholeText = 'One quiet day Anna went to the market. She wanted to'
const streamText = 'One quiet day Anna went to'

/** Class of an error by its status. */
const classes: readonly [name: string, fault: string, status: number][] = [
  ['BadRequestError', 'context-length', 400],
  ['NotFoundError', 'nobody', 404],
  ['UnprocessableEntityError', 'embedder', 422],
  ['RateLimitError', 'busy-503', 429],
  ['InternalServerError', 'engine-error', 502],
]

interface Scene {
  gateway: TestGateway
  engines: Record<'messages' | 'cut' | 'endless' | 'faulty', FakeEngine>
}

async function startScene(): Promise<Scene> {
  const engines = {
    messages: await FakeEngine.start(messagesEngine),
    cut: await FakeEngine.start(cut),
    endless: await FakeEngine.start(endless),
    faulty: await FakeEngine.start(),
  }
  const embedding = { task: 'feature-extraction', spec: { ...model('x', []).spec, maxOutput: 0 } }
  const gateway = await startGateway([
    model('writer', [engines.messages.endpoint]),
    model('cut', [engines.cut.endpoint]),
    model('endless', [engines.endless.endpoint]),
    model('embedder', [engines.faulty.endpoint], embedding),
    ...['context-length', 'busy-503', 'engine-error'].map((name) => model(name, [engines.faulty.endpoint])),
  ])
  return { gateway, engines }
}

async function stopScene({ gateway, engines }: Scene): Promise<void> {
  await gateway.stop()
  for (const engine of Object.values(engines)) await engine.stop()
}

interface Message {
  content: { text: string }[]
  stop_reason: string
  usage: { input_tokens: number; output_tokens: number }
  _request_id?: string | null
}

describe('anthropic-python', (test) => {
  if ('missing' in python) {
    test.skip('every call', python.missing)
    return
  }
  let client: PythonClient
  let scene: Scene
  test.before(async () => {
    client = new PythonClient(python.python, 'anthropic-client.py')
    scene = await startScene()
  })
  test.after(async () => {
    await client.stop()
    await stopScene(scene)
  })

  const call = <Result = Message>(
    method: string,
    more: Record<string, unknown> = {},
    options: { client?: Record<string, unknown>; closeAfter?: number } = {},
  ): Promise<Answer<Result, unknown>> =>
    client.ask<Result, unknown>({
      client: { base_url: `${scene.gateway.url}/stream`, api_key: apiKey, max_retries: 0, ...options.client },
      call: method,
      arguments: { ...input, ...more },
      ...(options.closeAfter !== undefined && { closeAfter: options.closeAfter }),
    })

  test('gets a message by API key, by token and of the beta', async () => {
    for (const [method, credentials] of [
      ['messages.create', {}],
      ['messages.create', { api_key: null, auth_token: scene.gateway.token }],
      ['beta.messages.create', {}],
    ] as const) {
      const { result, error } = await call(method, {}, { client: credentials })
      assert.is(error, undefined, error?.message)
      assert.equal([result?.content[0]?.text, result?.stop_reason], [wholeText, 'max_tokens'])
      assert.equal([result?.usage.input_tokens, result?.usage.output_tokens], [7, 12])
      assert.match(result?._request_id ?? '', /^\S{8,}$/)
    }
  })

  test('streams a message, as events and by its helper', async () => {
    const { chunks = [], error } = await call('messages.create', { stream: true })
    assert.is(error, undefined)
    assert.is((chunks.at(-1) as { type: string }).type, 'message_stop')
    const helped = await call('messages.stream')
    assert.is((helped.chunks as string[]).join(''), streamText)
    assert.equal([helped.result?.content[0]?.text, helped.result?.usage.output_tokens], [streamText, 6])
  })

  test('counts tokens', async () => {
    const { model: name, messages } = input
    const answer = await client.ask<{ input_tokens: number }>({
      client: { base_url: `${scene.gateway.url}/stream`, api_key: apiKey },
      call: 'messages.count_tokens',
      arguments: { model: name, messages },
    })
    assert.is(answer.result?.input_tokens, 7)
  })

  test('raises the class that belongs to each failure', async () => {
    for (const [name, fault, status] of classes) {
      const { error } = await call('messages.create', { model: fault })
      assert.equal([error?.class, error?.status], [name, status], error?.message)
      assert.match(error?.request_id ?? '', /^\S{8,}$/)
    }
    const refused = await call('messages.create', {}, { client: { api_key: 'wrong' } })
    assert.equal([refused.error?.class, refused.error?.status], ['AuthenticationError', 401])
  })

  test('raises an error when a stream is cut off, after what had arrived', async () => {
    const { chunks = [], error } = await call('messages.create', { model: 'cut', stream: true })
    assert.ok(chunks.length > 0)
    assert.ok(error?.bases.includes('APIError'), JSON.stringify(error))
    assert.match(error?.message ?? '', /broke off/)
  })

  test('frees the engine when it leaves a stream', async () => {
    const left = await call('messages.create', { model: 'endless', stream: true }, { closeAfter: 2 })
    assert.is(left.chunks?.length, 2)
    await until(() => scene.engines.endless.running === 0, 'the engine stops')
  })
})

/** As far as these tests use it: its types are where the package is. */
interface AnthropicClient {
  messages: {
    create(input: object): Promise<Message & AsyncIterable<{ type: string }>>
    stream(input: object): {
      on(event: 'text', listener: (text: string) => void): unknown
      finalMessage(): Promise<Message>
    }
    countTokens(input: object): Promise<{ input_tokens: number }>
  }
  beta: { messages: { create(input: object): Promise<Message> } }
}

describe('@anthropic-ai/sdk', (test) => {
  if ('missing' in npm) {
    test.skip('every call', npm.missing)
    return
  }
  let scene: Scene
  let client: AnthropicClient
  let make: (options: object) => AnthropicClient
  test.before(async () => {
    scene = await startScene()
    const { default: Anthropic } = (await import(
      pathToFileURL(join(npm.folder, 'node_modules/@anthropic-ai/sdk/index.mjs')).href
    )) as {
      default: new (options: object) => AnthropicClient
    }
    make = (options) => new Anthropic({ baseURL: `${scene.gateway.url}/stream`, maxRetries: 0, ...options })
    client = make({ apiKey })
  })
  test.after(() => stopScene(scene))

  /** Name and status of what it throws. */
  const failure = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      const { status, message } = error as Error & { status?: number }
      return { name: (error as Error).constructor.name, status, message }
    }
    return undefined
  }

  test('gets a message by API key, by token and of the beta, and counts tokens', async () => {
    for (const ask of [
      () => client.messages.create(input),
      () => make({ apiKey: null, authToken: scene.gateway.token }).messages.create(input),
      () => client.beta.messages.create(input),
    ])
      assert.is((await ask()).content[0]?.text, wholeText)
    const { model: name, messages } = input
    assert.is((await client.messages.countTokens({ model: name, messages })).input_tokens, 7)
  })

  test('streams a message, as events and by its helper', async () => {
    const types: string[] = []
    for await (const { type } of await client.messages.create({ ...input, stream: true })) types.push(type)
    assert.equal([types[0], types.at(-1)], ['message_start', 'message_stop'])
    let text = ''
    const stream = client.messages.stream(input)
    stream.on('text', (piece) => {
      text += piece
    })
    const final = await stream.finalMessage()
    assert.equal([text, final.usage.input_tokens, final.usage.output_tokens], [streamText, 7, 6])
  })

  test('throws the class that belongs to each failure', async () => {
    for (const [name, fault, status] of classes) {
      const thrown = await failure(() => client.messages.create({ ...input, model: fault }))
      assert.equal([thrown?.name, thrown?.status], [name, status])
    }
    const thrown = await failure(() => make({ apiKey: 'wrong' }).messages.create(input))
    assert.equal([thrown?.name, thrown?.status], ['AuthenticationError', 401])
  })

  test('throws when a stream is cut off', async () => {
    const thrown = await failure(async () => {
      for await (const _ of await client.messages.create({ ...input, model: 'cut', stream: true }));
    })
    assert.match(thrown?.message ?? '', /broke off/)
  })
})
