// What each parameter does to an answer, with the bundled model; nothing here knows its words.
import { assert, describe } from '../../test/spec.ts'
import { eventsOf, type Server, startServer } from './server-process.ts'

interface Choice {
  index: number
  text: string
  finish_reason: string
  stop_reason: string | number | null
  logprobs: {
    tokens: string[]
    token_logprobs: number[]
    top_logprobs: Record<string, number>[]
    text_offset: number[]
  } | null
}

interface Answer {
  choices: Choice[]
  usage: { prompt_tokens: number; completion_tokens: number }
}

const prompt = 'Once upon a time'

describe('generation', (test) => {
  let server: Server
  test.before(async () => {
    server = await startServer()
  })
  test.after(() => server.stop())

  const complete = async (fields: object): Promise<Answer> => {
    const response = await server.post('/v1/completions', { prompt, temperature: 0, max_tokens: 24, ...fields })
    const body = (await response.json()) as Answer & { error?: { message: string } }
    if (body.error) throw new Error(body.error.message)
    return body
  }
  const first = async (fields: object): Promise<Choice> => (await complete(fields)).choices[0] as Choice
  const text = async (fields: object): Promise<string> => (await first(fields)).text
  const tokensOf = async (of: string): Promise<number[]> => {
    const response = await server.post('/tokenize', { prompt: of })
    return ((await response.json()) as { tokens: number[] }).tokens
  }

  test('without randomness the same request has the same answer', async () => {
    assert.is(await text({}), await text({}))
    assert.is((await text({})).length > 20, true)
  })

  test('the text of a stream is the text of an answer', async () => {
    const whole = await text({ max_tokens: 60 })
    const response = await server.post('/v1/completions', { prompt, temperature: 0, max_tokens: 60, stream: true })
    const events = eventsOf(await response.text()) as unknown as Answer[]
    assert.is(events.map(({ choices }) => choices[0]?.text).join(''), whole)
  })

  test('a seed fixes the answer, also while other requests run, and another seed changes it', async () => {
    const seeded = (seed: number) => text({ temperature: 1.5, seed, max_tokens: 40, ignore_eos: true })
    const alone = await seeded(7)
    const [again, other] = await Promise.all([seeded(7), seeded(8), text({ temperature: 1 }), text({ temperature: 1 })])
    assert.is(again, alone)
    assert.is.not(other, alone)
    assert.is.not(await seeded(-7), alone)
  })

  test('n choices differ, each of seed + its number', async () => {
    const { choices } = await complete({ temperature: 1.5, seed: 20, n: 3, ignore_eos: true })
    assert.equal(
      choices.map(({ index }) => index),
      [0, 1, 2],
    )
    assert.is(new Set(choices.map((choice) => choice.text)).size, 3)
    assert.is(choices[1]?.text, await text({ temperature: 1.5, seed: 21, ignore_eos: true }))
  })

  test('n choices of several prompts are counted together', async () => {
    const { choices, usage } = await complete({
      prompt: [prompt, 'One day'],
      n: 2,
      temperature: 1,
      max_tokens: 3,
      ignore_eos: true,
    })
    const counts = [await tokensOf(prompt), await tokensOf('One day')].map(({ length }) => length)
    assert.is(choices.length, 4)
    assert.is(usage.completion_tokens, 12)
    assert.is(usage.prompt_tokens, (counts[0] ?? 0) + (counts[1] ?? 0))
  })

  test('top_k of 1 and a tiny top_p leave the likeliest token alone', async () => {
    const greedy = await text({})
    assert.is(await text({ temperature: 2, top_k: 1 }), greedy)
    assert.is(await text({ temperature: 2, top_p: 1e-6 }), greedy)
    assert.is(await text({ temperature: 2, min_p: 1 }), greedy)
  })

  test('stop ends the answer before its text, in an answer and in a stream', async () => {
    const whole = await text({ max_tokens: 40 })
    // A piece that no token boundary has to agree with.
    const stop = whole.slice(11, 16)
    const end = whole.indexOf(stop)
    const stopped = await first({ max_tokens: 40, stop })
    assert.equal([stopped.text, stopped.finish_reason, stopped.stop_reason], [whole.slice(0, end), 'stop', stop])
    assert.is(await text({ max_tokens: 40, stop, include_stop_str_in_output: true }), whole.slice(0, end + stop.length))
    const response = await server.post('/v1/completions', {
      prompt,
      temperature: 0,
      max_tokens: 40,
      stop: ['zzz', stop],
      stream: true,
    })
    const events = eventsOf(await response.text()) as unknown as Answer[]
    assert.is(events.map(({ choices }) => choices[0]?.text).join(''), whole.slice(0, end))
    assert.is(events.at(-1)?.choices[0]?.stop_reason, stop)
  })

  test('stop_token_ids end it and are named', async () => {
    const whole = await text({ max_tokens: 10 })
    const ids = await tokensOf(prompt + whole)
    const id = ids.at(-1) as number
    const choice = await first({ max_tokens: 10, stop_token_ids: [id] })
    assert.is(choice.stop_reason, id)
    assert.ok(whole.startsWith(choice.text))
    assert.is(choice.finish_reason, 'stop')
  })

  test('min_tokens keeps stops away, ignore_eos the end of text', async () => {
    const whole = await text({ max_tokens: 40 })
    const stop = whole.slice(2, 5)
    assert.is((await complete({ stop, max_tokens: 40 })).usage.completion_tokens < 8, true)
    const { usage } = await complete({ stop, min_tokens: 12, max_tokens: 40 })
    assert.is(usage.completion_tokens > 12, true)
    const long = await complete({ max_tokens: 200, ignore_eos: true })
    assert.equal([long.usage.completion_tokens, long.choices[0]?.finish_reason], [200, 'length'])
    assert.is((await first({ max_tokens: 200 })).finish_reason, 'stop')
  })

  test('logit_bias forbids and forces tokens', async () => {
    const [likeliest = 0] = (await tokensOf(prompt + (await text({ max_tokens: 1 })))).slice(-1)
    assert.is.not(await text({ max_tokens: 1, logit_bias: { [likeliest]: -100 } }), await text({ max_tokens: 1 }))
    const [forced = 0] = await tokensOf('z')
    assert.is(await text({ max_tokens: 2, logit_bias: { [forced]: 100 } }), 'zz')
  })

  test('each penalty changes a long answer', async () => {
    const base = { max_tokens: 150, ignore_eos: true }
    const plain = await text(base)
    for (const penalty of [{ repetition_penalty: 1.5 }, { presence_penalty: 2 }, { frequency_penalty: 2 }])
      assert.is.not(await text({ ...base, ...penalty }), plain, JSON.stringify(penalty))
  })

  test('logprobs are the model’s own: logarithms of probabilities, before temperature and bias', async () => {
    const { logprobs } = await first({ max_tokens: 3, logprobs: 4 })
    const biased = await first({ max_tokens: 1, logprobs: 4, temperature: 2, top_k: 1, logit_bias: { 5: 1 } })
    assert.is(logprobs?.tokens.length, 3)
    assert.is(biased.logprobs?.token_logprobs[0], logprobs?.token_logprobs[0])
    const alternatives = Object.values(logprobs?.top_logprobs[0] ?? {})
    assert.is(alternatives.length, 4)
    assert.equal(
      alternatives,
      [...alternatives].sort((a, b) => b - a),
    )
    const sum = alternatives.reduce((total, logprob) => total + Math.exp(logprob), 0)
    assert.ok(sum > 0.5 && sum <= 1.000001, String(sum))
    assert.is(logprobs?.text_offset[1], logprobs?.tokens[0]?.length)
  })

  test('echo puts the prompt first, also one of token ids', async () => {
    const plain = await text({})
    assert.is(await text({ echo: true }), prompt + plain)
    assert.is(await text({ echo: true, prompt: await tokensOf(prompt) }), prompt + plain)
  })

  test('truncate_prompt_tokens keeps the end of the prompt', async () => {
    const { usage, choices } = await complete({ prompt: `A cat sat there. ${prompt}`, truncate_prompt_tokens: 3 })
    assert.is(usage.prompt_tokens, 3)
    const ids = (await tokensOf(`A cat sat there. ${prompt}`)).slice(-3)
    assert.is(choices[0]?.text, await text({ prompt: ids }))
  })

  test('a text that needs several tokens per character comes whole', async () => {
    const emoji = '🙂 é 漢'
    const ids = await tokensOf(emoji)
    const response = await server.post('/detokenize', { tokens: ids })
    assert.is(((await response.json()) as { prompt: string }).prompt, emoji)
  })
})

describe('chat', (test) => {
  let server: Server
  test.before(async () => {
    server = await startServer()
  })
  test.after(() => server.stop())

  const chat = async (fields: object) => {
    const messages = [{ role: 'user', content: 'Hello' }]
    const response = await server.post('/v1/chat/completions', { messages, temperature: 0, ...fields })
    return (await response.json()) as {
      choices: { message: { content: string; role: string }; finish_reason: string }[]
      usage: { prompt_tokens: number; completion_tokens: number }
    }
  }

  test('ends by itself, and the context is the limit when none is given', async () => {
    const { choices } = await chat({})
    assert.is(choices[0]?.finish_reason, 'stop')
    const { usage } = await chat({ ignore_eos: true })
    const models = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { max_model_len: number }[] }
    assert.is(usage.prompt_tokens + usage.completion_tokens, models.data[0]?.max_model_len)
  })

  test('parts of text are one text, and the template sees every message', async () => {
    const parts = await chat({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] })
    assert.equal(parts.choices[0]?.message, (await chat({})).choices[0]?.message)
    const longer = await chat({
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Bye' },
      ],
    })
    assert.ok(longer.usage.prompt_tokens > parts.usage.prompt_tokens)
  })

  test('tokenizes a conversation as it would answer it', async () => {
    const messages = [{ role: 'user', content: 'Hello' }]
    const tokens = (await (await server.post('/tokenize', { messages })).json()) as { count: number }
    assert.is(tokens.count, (await chat({})).usage.prompt_tokens)
  })

  test('says that the bundled model is a demo model', async () => {
    const models = (await (await fetch(`${server.url}/v1/models`)).json()) as {
      data: { demo?: boolean; owned_by: string }[]
    }
    assert.equal([models.data[0]?.demo, models.data[0]?.owned_by], [true, 'slipway'])
    assert.is(server.process.log.filter(({ event }) => event === 'demo-model').length, 1)
  })
})
