// The smoke test as its own process before a gateway that answers rightly and wrongly: code and last line say why.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { smokeTenant } from '../../generators/schema/contract.ts'
import { runProgram } from '../../test/run-program.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { assert, describe } from '../../test/spec.ts'
import { failures } from '../smoke/outcome.ts'
import { rolloutState } from '../smoke/rollout.ts'
import { smokeKey, smokeTenantName, smokeTenant as tenantOf } from '../smoke-key.ts'

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
  return { status, last, seen }
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

  test('has a tenant of the name that synth keeps free', () => {
    assert.is(smokeTenantName, smokeTenant)
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
