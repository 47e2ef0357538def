// Answers of a real vLLM against ours: errors byte for byte, answers and streams field by field.
import { request } from 'node:http'
import { assert, describe } from '../../test/spec.ts'
import { parametersOf } from '../request/parameters.ts'
import answers from './recorded/vllm-answers.json' with { type: 'json' }
import errors from './recorded/vllm-errors.json' with { type: 'json' }
import fields from './recorded/vllm-fields.json' with { type: 'json' }
import { eventsOf, namedEventsOf, type Server, startServer } from './server-process.ts'

interface Recorded {
  path: string
  request: unknown
  answer: string
}

/** As the recorder sent it: no content-type where it sent none. */
function send(server: Server, { method, path, contentType, request: text }: (typeof errors.answers)[number]) {
  const headers = contentType === null ? {} : { 'content-type': contentType }
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    outgoing.on('error', reject)
    outgoing.end(text === null ? undefined : Buffer.from(text, 'latin1'))
  })
}

/** The shape of a value: keys in their order, and what is null stays null. */
function shapeOf(value: unknown, key = ''): unknown {
  // Lists of numbers are as long as their text.
  if (Array.isArray(value)) return key === 'bytes' || key === 'tokens' ? 'list' : value.map((one) => shapeOf(one))
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value
  // Its keys are tokens.
  if (key === 'top_logprobs') return 'object'
  return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner, name)])
}

/** What differs on purpose: our permission for /v1/models says demo, and usage has no details without a cache of prefixes. */
function comparable(value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(value)) as {
    data?: Record<string, unknown>[]
    usage?: Record<string, unknown>
  }
  for (const model of copy.data ?? []) {
    delete model.demo
    delete model.description
  }
  if (copy.usage) delete copy.usage.prompt_tokens_details
  return shapeOf(copy)
}

describe('errors as vLLM 0.32 words them', (test) => {
  let server: Server
  test.before(async () => {
    // The recording's context, so that the numbers in its messages are ours too.
    server = await startServer(['--max-model-len', '256'])
  })
  test.after(() => server.stop())

  // The recording's model has 1,024 tokens, and the vocabulary is sent in two messages.
  const ofVocabulary = /Vocabulary size: \d+|sample logprobs of 1024|value=1024/
  const neutral = (text: string): string =>
    text.replaceAll(/Vocabulary size: \d+|logprobs of \d{4,}|value=\d{4,}/g, 'V')

  for (const row of errors.answers)
    test(`${row.name}: ${row.status}`, async () => {
      const { status, body } = await send(server, row)
      const [got, want] = ofVocabulary.test(row.answer) ? [neutral(body), neutral(row.answer)] : [body, row.answer]
      assert.equal([status, got], [row.status, want])
    })
})

describe('answers as vLLM 0.32 shapes them', (test) => {
  let server: Server
  let forced: Server
  test.before(async () => {
    server = await startServer()
    forced = await startServer(['--enable-force-include-usage'])
  })
  test.after(async () => {
    await server.stop()
    await forced.stop()
  })

  for (const [name, { path, request: body, answer }] of Object.entries(answers.answers as Record<string, Recorded>))
    test(`${name} has the same fields in the same order`, async () => {
      const to = name.startsWith('forced') ? forced : server
      const headers: Record<string, string> = name === 'chat-request-id' ? { 'x-request-id': 'from-the-gateway' } : {}
      const response = body === null ? await fetch(to.url + path) : await to.post(path, body, headers)
      assert.is(response.status, 200)
      const text = await response.text()
      const isNamed = answer.startsWith('event:')
      if (!answer.startsWith('data:') && !isNamed) {
        assert.equal(comparable(JSON.parse(text)), comparable(JSON.parse(answer)))
        return
      }
      assert.is(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      // Other weights, another number of tokens: the kinds of events are compared, in their order.
      const kinds = (stream: string) => [
        ...new Set((isNamed ? namedEventsOf : eventsOf)(stream).map((event) => JSON.stringify(comparable(event)))),
      ]
      assert.equal(kinds(text), kinds(answer))
    })

  test('takes the id from X-Request-Id', async () => {
    const response = await server.post('/v1/completions', { prompt: 'a' }, { 'x-request-id': 'from-the-gateway' })
    assert.is(((await response.json()) as { id: string }).id, 'cmpl-from-the-gateway')
  })
})

describe('request fields', (test) => {
  for (const route of ['completions', 'chat'] as const)
    test(`of ${route}: every one that vLLM 0.32 has is in our table, and no other`, () => {
      assert.equal(
        parametersOf(route)
          .map(({ name }) => name)
          .sort(),
        [...fields[route]].sort(),
      )
    })
})
