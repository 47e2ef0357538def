// Streamed text in the shape of Text Generation Inference, as a pure function on events as vLLM sends them.
import { assert, describe } from '../../test/spec.ts'
import { translate } from '../translate/translation.ts'
import { errorOf } from './translation-error.ts'

const writer = { name: 'writer', task: 'text-generation', api: 'openai' } as const

const tgi = (body: unknown) => translate('tgi', Buffer.from(JSON.stringify(body)), writer)

interface Payload {
  index: number
  token: { id: number; text: string; logprob: number | null; special: boolean }
  generated_text: string | null
  details: Record<string, unknown> | null
}

const piece = (text: string, finish: string | null, more: Record<string, unknown> = {}, usage?: object): string =>
  JSON.stringify({
    id: 'cmpl-1',
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish, stop_reason: null, token_ids: null, ...more }],
    ...(usage && { usage }),
  })

const counts = (tokens: number): string =>
  JSON.stringify({ id: 'cmpl-1', choices: [], usage: { prompt_tokens: 4, completion_tokens: tokens } })

function streamed(events: readonly string[], parameters: Record<string, unknown> = {}): Payload[] {
  const { event } = tgi({ inputs: 'Hi', stream: true, parameters })
  if (!event) throw new Error('no stream')
  return [...events.flatMap((data) => event(data)), ...event(undefined)].map((text) => JSON.parse(text) as Payload)
}

describe('translation of streamed text', (test) => {
  test('asks the engine for its counts', () => {
    const body = JSON.parse(tgi({ inputs: 'Hi', stream: true }).body.toString())
    assert.is(body.stream, true)
    assert.equal(body.stream_options, { include_usage: true })
    assert.is(tgi({ inputs: 'Hi' }).event, undefined)
  })

  test('gives one payload for each piece; the last has the whole text and the exact count', () => {
    const payloads = streamed([piece(' Grü', null), piece('ße 👋', null), piece('.', 'length'), counts(17)])
    assert.equal(
      payloads.map(({ token }) => token.text),
      [' Grü', 'ße 👋', '.'],
    )
    assert.equal(
      payloads.map((payload) => payload.generated_text),
      [null, null, ' Grüße 👋.'],
    )
    assert.equal(payloads[0]?.details, null)
    assert.equal(payloads[2]?.details, { finish_reason: 'length', generated_tokens: 17, seed: null })
  })

  test('takes ids and log probabilities from the engine, and counts the ids when there is no usage', () => {
    const payloads = streamed(
      [
        piece(' a b', null, { token_ids: [5, 6], logprobs: { tokens: [' a', ' b'], token_logprobs: [-1, -2] } }),
        piece('', 'stop', { token_ids: [0], stop_reason: '\n' }),
      ],
      { seed: 2, return_full_text: true },
    )
    assert.equal(payloads[0]?.token, { id: 5, text: ' a b', logprob: -1, special: false })
    assert.equal(payloads[1]?.token, { id: 0, text: '', logprob: null, special: true })
    assert.is(payloads[1]?.generated_text, 'Hi a b')
    assert.equal(payloads[1]?.details, { finish_reason: 'stop_sequence', generated_tokens: 3, seed: 2 })
  })

  test('follows an engine that counts in every event', () => {
    const usage = (tokens: number) => ({ prompt_tokens: 4, completion_tokens: tokens })
    const payloads = streamed([piece('a', null, {}, usage(3)), piece('b', 'stop', {}, usage(5)), counts(5)])
    assert.equal(
      payloads.map(({ index }) => index),
      [3, 5],
    )
  })

  test('ends once, without a last payload when the engine did not end', () => {
    assert.is(streamed([piece('a', 'stop')]).length, 1)
    assert.equal(
      streamed([piece('a', null)]).map((payload) => payload.generated_text),
      [null],
    )
    assert.equal(streamed([]), [])
  })

  test('takes no broken event for an event', () => {
    for (const data of ['SECRET', '{}', '{"choices":[{"text":7}]}', piece('SECRET', 'abort')]) {
      const error = errorOf(() => streamed([data]))
      assert.is(error.status, 502, data)
      assert.not(error.message.includes('SECRET'))
    }
  })
})
