// The smoke test as its own process before a gateway that answers rightly and wrongly: code and last line say why.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { runProgram } from '../../test/run-program.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { assert, describe } from '../../test/spec.ts'
import { failures } from '../smoke/outcome.ts'
import { rolloutState } from '../smoke/rollout.ts'
import { isCall } from '../smoke/tool-call.ts'
import { smokeKey, smokeTenant as tenantOf } from '../smoke-key.ts'

const secret = 'value-of-the-edge'
const folder = mkdtempSync(join(tmpdir(), 'slipway-smoke-'))
writeFileSync(join(folder, 'current'), `${secret}\n`)

type Answer = (response: ServerResponse, request: { body: Record<string, unknown>; path: string }) => void

const events = (response: ServerResponse, parts: readonly object[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const part of parts) response.write(`data: ${JSON.stringify(part)}\n\n`)
  response.end('data: [DONE]\n\n')
}
const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 3 } }
const said = (content: string) => ({ choices: [{ delta: { content } }] })
const chat =
  (...parts: object[]): Answer =>
  (response) =>
    events(response, parts)
const refuse =
  (status: number, code: string): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: code, code } }))
  }

const successful = '{"error": {"message": "EngineCore"}}'
/** The connection ends within the answer. */
const cutOff =
  (text: string): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(text, () => setTimeout(() => response.destroy(), 20))
  }

/** Runs the program once; the answers of the gateway in turn, the last one again and again. */
async function smoke(question: object, ...answers: Answer[]) {
  const seen: { path: string; headers: NodeJS.Dict<string | string[]>; body: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>
      seen.push({ path: request.url ?? '', headers: request.headers, body })
      const answer = answers[Math.min(seen.length, answers.length) - 1]
      answer?.(response, { body, path: request.url ?? '' })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const env = {
    GATEWAY_URL: `http://127.0.0.1:${port}`,
    ORIGIN_SECRET_FOLDER: folder,
    SMOKE: JSON.stringify({ model: 'm', task: 'chat', prompt: 'Hello', expect: {}, wakeSeconds: 60, ...question }),
    SMOKE_PAUSE_MS: '20',
    KUBERNETES_SERVICE_HOST: '',
  }
  const { status, out, log } = await runProgram(process.execPath, [join(import.meta.dirname, '../smoke/main.ts')], {
    env,
  })
  server.closeAllConnections()
  server.close()
  const last = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as { message: string; detail?: string }
  assert.is(log, '')
  return { status, out, last, seen }
}

describe('the smoke test', (test) => {
  test('asks on the stream lane with the key of its tenant and the origin secret, and counts tokens', async () => {
    const { status, last, seen } = await smoke({}, chat(said('Hello.'), usage))
    assert.is(status, 0)
    assert.is(last.message, 'answers')
    assert.is(seen.length, 1)
    assert.is(seen[0]?.path, '/stream/v1/chat/completions')
    assert.is(seen[0]?.headers.authorization, `Bearer ${smokeKey(secret)}`)
    assert.is(seen[0]?.headers['x-origin-verify'], secret)
    assert.is(seen[0]?.headers['x-scale-up-timeout'], '60')
  })

  for (const [task, path] of [
    ['completion', '/stream/v1/completions'],
    ['embedding', '/stream/v1/embeddings'],
    ['rerank', '/stream/v1/rerank'],
  ] as const)
    test(`asks ${task} at ${path}`, async () => {
      const { status, seen } = await smoke({ task }, (response, { body }) => {
        if (body.stream === true) events(response, [{ choices: [{ text: 'there was' }] }, usage])
        else
          response.end(
            JSON.stringify({
              data: [{ embedding: [0.1, -0.2] }],
              results: [{ relevance_score: 0.9 }],
              usage: { prompt_tokens: 4, total_tokens: 4 },
            }),
          )
      })
      assert.is(status, 0)
      assert.is(seen[0]?.path, path)
    })

  const wrong: [sentence: string, failure: keyof typeof failures, question: object, ...answers: Answer[]][] = [
    ['an answer without text', 'empty', {}, chat(said(''), usage)],
    ['vectors of zeros', 'empty', { task: 'embedding' }, (response) => response.end('{"data":[{"embedding":[0,0]}]}')],
    ['a wrong served name', 'misnamed', {}, refuse(502, 'model_not_served')],
    ['a name that the gateway does not know', 'unknown', {}, refuse(404, 'model_not_found')],
    ['a broken chat template', 'refused', {}, refuse(400, 'chat template')],
    ['an engine that fails', 'failed', {}, refuse(500, 'EngineCore')],
    ['an error inside the stream', 'failed', {}, chat({ error: { message: 'EngineCore' } })],
    ['nobody who answers', 'silent', {}, refuse(504, 'model_loading')],
    ['words that are not there', 'unexpected', { expect: { contains: 'Paris' } }, chat(said('Rome'), usage)],
    ['an engine that counts nothing', 'uncounted', {}, chat(said('Hello'))],
    [
      'what a wrong parser leaves in the answer',
      'schema',
      { expect: { schema: { required: ['ready'] } } },
      chat(said('<think>hm</think>{"ready": true}'), usage),
    ],
    [
      'JSON that a wrong parser takes for thoughts',
      'schema',
      { expect: { schema: { required: ['ready'] } } },
      chat({ choices: [{ delta: { reasoning: '{"ready": true}' } }] }, usage),
    ],
    ['JSON without its fields', 'schema', { expect: { schema: { required: ['ready'] } } }, chat(said('{}'), usage)],
    ['what is no event', 'shape', {}, (response) => response.end('data: {oh\n\n')],
    ['an event without a value', 'shape', {}, (response) => response.end('data: null\n\n')],
    ['a page instead of a stream', 'shape', {}, (response) => response.end('<html>Welcome</html>')],
    ['an error that calls itself a success', 'failed', {}, (response) => response.end(successful)],
    ['such an error instead of vectors', 'failed', { task: 'embedding' }, (response) => response.end(successful)],
    ['a stream that is cut off', 'failed', {}, cutOff('data: {"choices":[{"delta":{"content":"He"}}]}\n\n')],
    ['vectors that are cut off', 'failed', { task: 'embedding' }, cutOff('{"data":[{"embedd')],
    [
      'JSON with a field of another type',
      'schema',
      { expect: { schema: { properties: { ready: { type: 'boolean' } } } } },
      chat(said('{"ready": "maybe"}'), usage),
    ],
    [
      'JSON that is no list of what was asked for',
      'schema',
      { expect: { schema: { type: 'array', items: { enum: ['red', 'blue'] } } } },
      chat(said('["red", "green"]'), usage),
    ],
    [
      'a first token that is late',
      'late',
      { firstTokenSeconds: 0.05 },
      (response) => setTimeout(() => events(response, [said('Hello'), usage]), 120),
    ],
  ]
  for (const [sentence, failure, question, ...answers] of wrong)
    test(`fails for ${sentence}`, async () => {
      const { status, last } = await smoke(question, ...answers)
      assert.is(status, failures[failure].code, JSON.stringify(last))
      assert.is(last.message, `m: ${failures[failure].sentence}`)
      assert.ok(last.detail)
    })

  test('takes thoughts for an answer where it asks for few tokens, and asks for no more than the context holds', async () => {
    const thinks = chat({ choices: [{ delta: { reasoning_content: 'Hm' } }] }, usage)
    assert.is((await smoke({}, thinks)).status, 0)
    const { seen } = await smoke({ maxTokens: 100, expect: { schema: {} } }, chat(said('{}'), usage))
    assert.is(seen[0]?.body.max_tokens, 100)
  })

  test('asks a model without a chat template for JSON of the schema, too, and reads an answer without a last line break', async () => {
    const schema = { type: 'object', properties: { ready: { type: ['boolean', 'null'] } } }
    const last = (response: ServerResponse) => {
      response.write(`data: ${JSON.stringify({ choices: [{ text: '{"ready": null}' }] })}\n\n`)
      response.end(`data: ${JSON.stringify(usage)}`)
    }
    const { status, seen } = await smoke({ task: 'completion', expect: { schema } }, last)
    assert.is(status, 0)
    const json = { name: 'smoke', strict: true, schema }
    assert.equal(seen[0]?.body.response_format, { type: 'json_schema', json_schema: json })
  })

  const called = (call: string): Promise<Awaited<ReturnType<typeof smoke>>> =>
    smoke({ callsTools: true }, chat(said('Hello.'), usage), chat(said(call), usage))

  test('asks a model for the call of a tool where its engine has a parser, and is content when the parser finds it', async () => {
    const call = { index: 0, id: 'x', function: { name: 'report_readiness', arguments: '{"ready": true}' } }
    const { status, last, seen } = await smoke(
      { callsTools: true, maxTokens: 100 },
      chat(said('Hello.'), usage),
      chat({ choices: [{ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] }, usage),
    )
    assert.equal([status, last.message, seen.length], [0, 'answers', 2])
    assert.is(seen[0]?.body.tools, undefined)
    assert.ok(Array.isArray(seen[1]?.body.tools))
    assert.is(seen[1]?.body.max_tokens, 100)
  })

  test('fails when a parser leaves a call in the text', async () => {
    const { status, last } = await called(
      '<tool_call>{"name": "report_readiness", "arguments": {"ready": true}}</tool_call>',
    )
    assert.is(status, failures.uncalled.code, JSON.stringify(last))
    assert.is(last.message, `m: ${failures.uncalled.sentence}`)
    assert.match(last.detail ?? '', /^<tool_call>/)
  })

  test('knows a call as models of each family write it', () => {
    // Special tokens shown or not.
    const calls = {
      Hermes: '<tool_call>\n{"name": "report_readiness", "arguments": {"ready": true}}\n</tool_call>',
      'Llama 3': '<|python_tag|>{"name": "report_readiness", "parameters": {"ready": true}}',
      'Llama 4': '[report_readiness(ready=True)]',
      Mistral: '[TOOL_CALLS] [{"name": "report_readiness", "arguments": {"ready": true}}]',
      'a later Mistral': '[TOOL_CALLS]report_readiness[ARGS]{"ready": true}',
      'a later Mistral, without special tokens': 'report_readiness{"ready": true}',
      'Qwen 3 Coder': '<tool_call>\n<function=report_readiness>\n<parameter=ready>\ntrue\n</parameter>',
      GLM: '<tool_call>report_readiness\n<arg_key>ready</arg_key>\n<arg_value>true</arg_value>\n</tool_call>',
      MiniMax: '<minimax:tool_call>\n<invoke name="report_readiness">\n<parameter name="ready">true</parameter>',
      DeepSeek:
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>report_readiness\n```json\n{"ready": true}',
      'DeepSeek, without special tokens': 'functionreport_readiness\n```json\n{"ready": true}\n```',
      Kimi: '<|tool_call_begin|>functions.report_readiness:0<|tool_call_argument_begin|>{"ready": true}',
      'gpt-oss': 'commentary to=functions.report_readiness json{"ready": true}',
    }
    for (const [family, call] of Object.entries(calls)) assert.ok(isCall(call), family)
  })

  test('says nothing of the parser when a model calls nothing, speaks about the call, or is cut off in its thoughts', async () => {
    for (const words of [
      'I am ready.',
      'I cannot call report_readiness, since I have no tools.',
      'You could call `report_readiness` with ready set to true (or false).',
    ]) {
      const { status, out } = await called(words)
      assert.is(status, 0, words)
      assert.match(out, /its tool parser is not tried/)
    }
    const cut = { choices: [{ delta: { content: '{"name": "report_readiness"' }, finish_reason: 'length' }] }
    assert.is((await smoke({ callsTools: true }, chat(said('Hi.'), usage), chat(cut, usage))).status, 0)
  })

  test('asks again when nobody answers yet, and is content with the second answer', async () => {
    const { status, seen } = await smoke({}, refuse(504, 'model_loading'), chat(said('Hello'), usage))
    assert.is(status, 0)
    assert.is(seen.length, 2)
  })

  test('gives each failure a code of its own, which the Job’s policy names', () => {
    const codes = Object.values(failures).map(({ code }) => code)
    assert.equal(
      [...codes].sort(),
      Array.from({ length: codes.length }, (_, index) => 10 + index),
    )
    const rendered = readFileSync(join(sampleRoot, 'clusters/prod/rendered/model-gpt2/job-gpt2-smoke.yaml'), 'utf8')
    const { spec } = parse(rendered) as {
      spec: { podFailurePolicy: { rules: { onExitCodes?: { values: number[] } }[] } }
    }
    assert.equal(
      spec.podFailurePolicy.rules.flatMap(({ onExitCodes }) => onExitCodes?.values ?? []),
      codes.sort((one, two) => one - two),
    )
  })

  test('has a key that only the origin secret gives, one for each value that is valid', () => {
    assert.is.not(smokeKey('a'), smokeKey('b'))
    const { apiKeys } = tenantOf(['a', 'b'])
    assert.is(new Set(apiKeys.map(({ sha256 }) => sha256)).size, 2)
  })
})

describe('a rollout', (test) => {
  const now = Date.parse('2026-11-30T12:00:00Z')
  const state = (replicas: number, status: object, generation = 2) =>
    rolloutState({ metadata: { generation }, spec: { replicas }, status: { observedGeneration: 2, ...status } }, now)
  const changed = (lastUpdateTime: string, reason = 'NewReplicaSetAvailable') => ({
    conditions: [{ type: 'Progressing', status: 'True', reason, lastUpdateTime }],
  })

  test('is over when every pod is new and ready, and no old one is left', () => {
    assert.is(state(2, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }), 'ready')
    assert.is(state(2, { replicas: 3, updatedReplicas: 2, availableReplicas: 3 }), 'rolling')
    assert.is(state(2, { replicas: 2, updatedReplicas: 1, availableReplicas: 2 }), 'rolling')
    assert.is(state(2, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, 3), 'rolling')
    assert.is(state(1, { replicas: 1, ...changed('2026-11-30T11:00:00Z', 'ProgressDeadlineExceeded') }), 'failed')
  })

  test('wakes a model that sleeps only when it was just rolled', () => {
    assert.is(state(0, changed('2026-11-30T11:55:00Z')), 'ready')
    assert.is(state(0, changed('2026-11-30T09:00:00Z')), 'asleep')
    assert.is(state(0, {}), 'asleep')
  })
})
