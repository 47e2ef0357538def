// Text generation in the shape of Text Generation Inference, as a pure function on recorded answers of vLLM.
import { assert, describe } from '../../test/spec.ts'
import { shapeOfTask, translate } from '../translate/translation.ts'
import { errorOf } from './translation-error.ts'

const writer = { name: 'writer', task: 'text-generation', api: 'openai' } as const

const tgi = (body: unknown) => translate('tgi', Buffer.from(JSON.stringify(body)), writer)
const withParameters = (parameters: unknown) => tgi({ inputs: 'Hi', parameters })
const sent = (parameters: unknown) => JSON.parse(withParameters(parameters).body.toString()) as Record<string, unknown>

/** As vLLM 0.32.0 answers. */
const completion = (choice: Record<string, unknown> = {}, tokens = 8): Buffer =>
  Buffer.from(
    JSON.stringify({
      id: 'cmpl-1',
      object: 'text_completion',
      model: 'writer',
      choices: [
        {
          index: 0,
          text: ' there',
          logprobs: null,
          finish_reason: 'stop',
          stop_reason: null,
          token_ids: null,
          ...choice,
        },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 + tokens, completion_tokens: tokens },
    }),
  )

const answerOf = (body: unknown, engineBody: Buffer) =>
  JSON.parse(tgi(body).answer(engineBody).toString()) as { generated_text: string; details?: Record<string, unknown> }[]

describe('translation of text generation', (test) => {
  test('sends each parameter under the engine’s name', () => {
    const parameters = {
      max_new_tokens: 5,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      seed: 7,
      stop: ['\n'],
      repetition_penalty: 1.1,
      frequency_penalty: 0.1,
      truncate: 9,
      return_full_text: false,
      details: false,
      do_sample: true,
      grammar: null,
      typical_p: null,
    }
    const translation = withParameters(parameters)
    assert.is(translation.path, '/v1/completions')
    assert.is(translation.stream, false)
    assert.is(translation.maxTokens, 5)
    assert.equal(JSON.parse(translation.body.toString()), {
      model: 'writer',
      prompt: 'Hi',
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      seed: 7,
      stop: ['\n'],
      repetition_penalty: 1.1,
      frequency_penalty: 0.1,
      truncate_prompt_tokens: 9,
      truncation_side: 'left',
      max_tokens: 5,
    })
  })

  test('takes do_sample false as temperature 0, and says nothing when the client says nothing', () => {
    assert.is(sent({ do_sample: false }).temperature, 0)
    assert.equal(sent({}), { model: 'writer', prompt: 'Hi' })
    assert.is(withParameters({}).maxTokens, undefined)
  })

  test('accepts the values that change nothing', () => {
    const neutral = { watermark: false, best_of: 1, top_n_tokens: 0, typical_p: 1, decoder_input_details: false }
    assert.equal(sent(neutral), { model: 'writer', prompt: 'Hi' })
  })

  test('refuses by name what the engine could not honour, and never drops it', () => {
    const refused = {
      grammar: { type: 'regex', value: 'a' },
      watermark: true,
      best_of: 2,
      top_n_tokens: 3,
      typical_p: 0.5,
      decoder_input_details: true,
      adapter_id: 'x',
      num_return_sequences: 2,
      max_time: 3,
      constructor: 1,
      toString: 1,
    }
    for (const [name, value] of Object.entries(refused)) {
      const error = errorOf(() => withParameters({ [name]: value }))
      assert.is(error.status, 422, name)
      assert.is(error.code, 'validation')
      assert.is(error.param, name)
      assert.ok(error.message.includes(name))
    }
    assert.is(errorOf(() => tgi({ inputs: 'Hi', max_new_tokens: 5 })).param, 'max_new_tokens')
    assert.is(errorOf(() => withParameters({ stop: ['a'], stop_sequences: ['b'] })).param, 'stop_sequences')
  })

  test('refuses bad input by name', () => {
    const cases: [body: unknown, param: string | null][] = [
      [{}, 'inputs'],
      [{ inputs: ['Hi'] }, 'inputs'],
      [{ inputs: 'Hi', stream: 'yes' }, 'stream'],
      [{ inputs: 'Hi', parameters: [] }, 'parameters'],
      [{ inputs: 'Hi', parameters: { max_new_tokens: 0 } }, 'max_new_tokens'],
      [{ inputs: 'Hi', parameters: { max_new_tokens: 1.5 } }, 'max_new_tokens'],
      [{ inputs: 'Hi', parameters: { do_sample: 'no' } }, 'do_sample'],
      [{ inputs: 'Hi', parameters: { details: 1 } }, 'details'],
      [[], null],
    ]
    for (const [body, param] of cases) {
      const error = errorOf(() => tgi(body))
      assert.is(error.status, 422, JSON.stringify(body))
      assert.is(error.param, param)
    }
    assert.is(errorOf(() => translate('tgi', Buffer.from('{"inputs":'), writer)).status, 422)
    const body = Buffer.from('{"inputs":"x"}')
    assert.is(errorOf(() => translate('tgi', body, { ...writer, api: 'tei' })).status, 422)
  })

  test('answers text, after the prompt when that is wanted, and unicode as it was', () => {
    assert.equal(answerOf({ inputs: 'Hi' }, completion()), [{ generated_text: ' there' }])
    const text = ' Grüße 👩‍👩‍👧 \u2028 "\\n" 日本'
    const whole = answerOf({ inputs: 'Hé', parameters: { return_full_text: true } }, completion({ text }))
    assert.equal(whole, [{ generated_text: `Hé${text}` }])
    assert.is(JSON.parse(tgi({ inputs: text }).body.toString()).prompt, text)
  })

  test('answers why it ended, and the engine’s own count of tokens', () => {
    const detailed = { inputs: 'Hi', parameters: { details: true, seed: 3 } }
    const reasonOf = (choice: Record<string, unknown>) => answerOf(detailed, completion(choice))[0]?.details
    assert.is(reasonOf({ finish_reason: 'length' })?.finish_reason, 'length')
    assert.is(reasonOf({ stop_reason: '\n' })?.finish_reason, 'stop_sequence')
    assert.is(reasonOf({ stop_reason: 50256 })?.finish_reason, 'eos_token')
    const logprobs = { tokens: [' the', 're'], token_logprobs: [-0.5, null] }
    assert.equal(reasonOf({ logprobs, token_ids: [5, 6] }), {
      finish_reason: 'eos_token',
      generated_tokens: 8,
      seed: 3,
      prefill: [],
      tokens: [
        { id: 5, text: ' the', logprob: -0.5, special: false },
        { id: 6, text: 're', logprob: null, special: false },
      ],
    })
    const asked = JSON.parse(tgi(detailed).body.toString())
    assert.is(asked.logprobs, 0)
    assert.is(asked.return_token_ids, true)
  })

  test('takes no broken answer for an answer', () => {
    const broken = [
      Buffer.from('SECRET'),
      Buffer.from('"SECRET"'),
      Buffer.from('{"choices":"SECRET"}'),
      Buffer.from('{"choices":[]}'),
      Buffer.from('{"choices":["SECRET"]}'),
      completion({ text: null }),
      completion({ finish_reason: 'abort', text: 'SECRET' }),
      completion({ finish_reason: null, text: 'SECRET' }),
    ]
    for (const body of broken) {
      const error = errorOf(() => answerOf({ inputs: 'Hi' }, body))
      assert.is(error.status, 502, body.toString())
      assert.not(error.message.includes('SECRET'))
      assert.not(error.message.includes('JSON.parse'))
    }
  })

  test('is the task of models that write, and names no task that is only a word of JavaScript', () => {
    assert.is(shapeOfTask('text-generation'), 'tgi')
    assert.is(shapeOfTask('image-text-to-text'), 'tgi')
    assert.is(shapeOfTask('constructor'), undefined)
    assert.is(shapeOfTask('image-segmentation'), undefined)
  })
})
