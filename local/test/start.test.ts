// A whole run on this machine: real clients against the real gateway and the real model server; then failures and the end.
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceClient } from '@huggingface/inference'
import OpenAI, { AuthenticationError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { childrenOf, copyOfRepository, hasProc, isAlive, LocalProcess, type ReadyLine, until } from './local-process.ts'

const port = 18_480
const model = 'tiny-stories'

describe('npm start', (test) => {
  let root: string
  let run: LocalProcess
  let line: ReadyLine
  let client: OpenAI

  test.before(async () => {
    root = copyOfRepository()
    run = new LocalProcess(root, ['--json', '--port', String(port)])
    line = await run.ready()
    client = new OpenAI({ baseURL: line.result.url, apiKey: line.result.token, maxRetries: 0 })
  })
  test.after(async () => {
    await run.stop()
    rmSync(root, { recursive: true })
  })

  const status = async (): Promise<{ tenant: string; models: { name: string; state: string; reason: string }[] }> => {
    const url = new URL('/v1/slipway/status', line.result.url)
    const response = await fetch(url, { headers: { authorization: `Bearer ${line.result.token}` } })
    return (await response.json()) as Awaited<ReturnType<typeof status>>
  }
  const stateOf = async (name: string) => (await status()).models.find((one) => one.name === name)?.state

  test('prints one JSON object when all is ready, and its log elsewhere', () => {
    const { version, ok, diagnostics, summary, result } = line
    assert.is(run.out.trim().split('\n').length, 1)
    assert.equal([version, ok, Array.isArray(diagnostics)], [1, true, true])
    assert.equal(Object.keys(line), ['version', 'ok', 'diagnostics', 'summary', 'result'])
    assert.equal(Object.keys(result), ['url', 'token', 'console', 'models'])
    assert.is(result.url, `http://127.0.0.1:${port}/stream/v1`)
    assert.is(result.console, `http://127.0.0.1:${port}/console#token=${result.token}`)
    assert.equal([summary.models, summary.ready], [result.models.length, 1])
    assert.ok(summary.seconds > 0)
  })

  test('says of each model whether it runs here, why not, and where it would run at which price', () => {
    const byName = new Map(line.result.models.map((one) => [one.name, one]))
    assert.equal([byName.get(model)?.state, byName.get(model)?.demo], ['ready', true])
    const large = byName.get('llama-3-3-70b-instruct')
    assert.is(large?.state, 'unavailable')
    assert.match(large?.reason ?? '', /^needs 4 × l40s and the engine vllm: not on this machine, but in prod on g6e/)
    assert.ok((large?.places[0]?.usdPerHour ?? 0) > 1)
    assert.match(byName.get('gpt2')?.reason ?? '', /npm start -- --model gpt2/)
  })

  test('streams a chat to the official OpenAI client', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Tell me a story.' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 40,
    })
    let text = ''
    let tokens = 0
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      tokens = chunk.usage?.completion_tokens ?? tokens
    }
    assert.match(text, /\w+ \w+/)
    assert.ok(tokens > 5, `${tokens}`)
  })

  test('answers the client of Hugging Face, as a whole and as a stream', async () => {
    const hub = new InferenceClient(line.result.token)
    const call = { endpointUrl: line.result.url, model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 12 }
    const whole = await hub.chatCompletion(call)
    assert.match(whole.choices[0]?.message.content ?? '', /\w/)
    let text = ''
    for await (const chunk of hub.chatCompletionStream(call)) text += chunk.choices[0]?.delta.content ?? ''
    assert.match(text, /\w/)
  })

  test('lists what can be called, and to the console also what cannot', async () => {
    const { data } = await client.models.list()
    assert.equal(
      data.map(({ id }) => id),
      [model],
    )
    const { tenant, models } = await status()
    assert.is(tenant, 'research')
    assert.is(models.length, line.result.models.length)
    assert.match(models.find(({ name }) => name === 'qwen3-8b')?.reason ?? '', /needs 1 × l4/)
  })

  test('serves the console page', async () => {
    const response = await fetch(line.result.console)
    assert.is(response.status, 200)
    assert.match(await response.text(), /<title>/)
  })

  test('keeps authentication on: no token and a token of another key are 401', async () => {
    const [head = '', body = ''] = line.result.token.split('.')
    const forged = `${head}.${body}.${createHash('sha512').update('x').digest('base64url')}`
    for (const apiKey of ['none', forged]) {
      const stranger = new OpenAI({ baseURL: line.result.url, apiKey, maxRetries: 0 })
      const error = await stranger.models.list().catch((thrown: unknown) => thrown)
      assert.instance(error, AuthenticationError)
    }
  })

  test('keeps its files from others, and no token on the disk', () => {
    for (const [path, mode] of [
      ['.slipway', 0o700],
      ['.slipway/directory.json', 0o600],
      ['.slipway/run.json', 0o600],
    ] as const) {
      const found = statSync(join(root, path))
      assert.is(found.mode & 0o777, mode, path)
      if (found.isFile()) assert.not(readFileSync(join(root, path), 'utf8').includes(line.result.token.slice(-20)))
    }
  })

  test('a second run in the same checkout ends with one clear line', async () => {
    const second = new LocalProcess(root, ['--port', String(port)])
    assert.is(await second.ended, 1)
    assert.match(second.log, new RegExp(`already runs in this checkout \\(process ${run.child.pid}\\)`))
    assert.is(second.log.trim().split('\n').length, 1)
  })

  if (hasProc) {
    test('a model server that dies is reported, shown as starting, and started again', async () => {
      const [server] = childrenOf(run.child.pid).filter(({ command }) => command.includes('model-server/server.ts'))
      assert.ok(server)
      process.kill(server.pid, 'SIGKILL')
      await until(async () => (await stateOf(model)) === 'starting', 'the directory shows it')
      const reported = /tiny-stories +\| ended with SIGKILL; starts again in 0\.5 s/
      await until(() => reported.test(run.log), 'the report')
      await until(async () => (await stateOf(model)) === 'ready', 'it is back')
      const answer = await client.completions.create({ model, prompt: 'Once', max_tokens: 3 })
      assert.is(answer.usage?.completion_tokens, 3)
    })

    test('a gateway that dies comes back at the same address', async () => {
      const [gateway] = childrenOf(run.child.pid).filter(({ command }) => command.includes('gateway/server.ts'))
      assert.ok(gateway)
      process.kill(gateway.pid, 'SIGKILL')
      await until(() => /gateway +\| ended with SIGKILL/.test(run.log), 'the report')
      await until(async () => (await stateOf(model).catch(() => '')) === 'ready', 'it is back')
      assert.is(childrenOf(run.child.pid).length, 2)
    })

    test('Ctrl-C, which npm sends twice, stops every process and ends with 0', async () => {
      const children = childrenOf(run.child.pid)
      assert.is(children.length, 2)
      run.child.kill('SIGINT')
      run.child.kill('SIGINT')
      assert.is(await run.ended, 0)
      assert.equal(children.filter(isAlive), [])
      assert.match(run.log, /Stopping; once more kills\.\n[\s\S]*Stopped\.\n$/)
      assert.throws(() => statSync(join(root, '.slipway/run.json')), /ENOENT/)
    })
  } else test.skip('crashes and Ctrl-C', 'needs /proc to find the children: Linux only')
})
