// GPT-2's exact shape (124 million parameters, fp32, the merged graph's inputs) with random weights, by the same code path.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { gpt2Small, writeGpt2 } from './gpt2-directory.ts'
import { pause, type Server, startServer } from './server-process.ts'

describe('a model of GPT-2’s shape', (test) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-gpt2-'))
  let server: Server
  test.before(async () => {
    writeGpt2(directory, gpt2Small)
    server = await startServer([], { model: ['--model-dir', directory] })
  })
  test.after(async () => {
    await server.stop()
    rmSync(directory, { recursive: true })
  })

  interface Logprobs {
    tokens: string[]
    token_logprobs: number[]
  }
  const complete = async (fields: object) => {
    const response = await server.post('/v1/completions', { temperature: 0, logprobs: 1, ignore_eos: true, ...fields })
    return (await response.json()) as { choices: { logprobs: Logprobs }[]; usage: { completion_tokens: number } }
  }

  test('has its number of parameters and is loaded as the merged graph', () => {
    const bytes = statSync(join(directory, 'onnx/decoder_model_merged.onnx_data')).size
    assert.is(Math.round(bytes / 4 / 1e6), 124)
    const loaded = server.process.log.find(({ event }) => event === 'loaded')
    assert.equal([loaded?.graph, loaded?.maxModelLen, loaded?.demo], ['decoder_model_merged.onnx', 1024, false])
  })

  test('with its cache it says what it says when it reads everything again', async () => {
    const prompt = [11, 42, 7, 30_000, 50_256]
    const { choices, usage } = await complete({ prompt, max_tokens: 2, logit_bias: { 40000: 100 } })
    assert.is(usage.completion_tokens, 2)
    const again = await complete({ prompt: [...prompt, 40_000], max_tokens: 1, logit_bias: { 40000: 100 } })
    const [cached, fresh] = [choices[0]?.logprobs.token_logprobs[1], again.choices[0]?.logprobs.token_logprobs[0]]
    assert.ok(Math.abs((cached ?? 0) - (fresh ?? 1)) < 1e-3, `${cached} and ${fresh}`)
    // The prompt counts: another one has another answer.
    const other = await complete({
      prompt: [12, 42, 7, 30_000, 50_256, 40_000],
      max_tokens: 1,
      logit_bias: { 40000: 100 },
    })
    assert.ok(Math.abs((fresh ?? 0) - (other.choices[0]?.logprobs.token_logprobs[0] ?? 0)) > 1e-6)
  })

  test(
    'answers /health all the while it reads a prompt of 1,000 tokens',
    async () => {
      const prompt = Array.from({ length: 1000 }, (_, index) => (index * 37) % 50_000)
      const busy = complete({ prompt, max_tokens: 1 })
      const busySince = performance.now()
      let isBusy = true
      void busy.then(() => {
        isBusy = false
      })
      const waits: number[] = []
      while (isBusy) {
        const started = performance.now()
        await (await fetch(`${server.url}/health`)).text()
        waits.push(performance.now() - started)
        await pause(10)
      }
      assert.is((await busy).usage.completion_tokens, 1)
      const busyMs = performance.now() - busySince
      assert.ok(waits.length > 5)
      // A share of the reading, not milliseconds: a blocked event loop would wait for all of it on any machine.
      assert.ok(Math.max(...waits) < busyMs / 3, `waited ${Math.max(...waits)} of ${busyMs} ms`)
    },
    { timeoutSeconds: 60 },
  )

  test('refuses a chat, since it has no template, in vLLM’s words', async () => {
    const response = await server.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }] })
    assert.is(response.status, 400)
    assert.match(await response.text(), /default chat template is no longer allowed/)
  })
})
