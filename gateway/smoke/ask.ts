// One question to a model through the gateway, and what its answer must be like.
import { missedIn } from './answer-schema.ts'
import { SmokeFailure } from './outcome.ts'
import { callPrompt, isCall, tool } from './tool-call.ts'

export interface Question {
  model: string
  task: string
  prompt: string
  expect: { contains?: string; schema?: object }
  /** It is asked to call a tool, too: the engine has a parser for that. */
  callsTools?: boolean
  /** Of the answer, where the context is too short for what is asked for otherwise. */
  maxTokens?: number
  /** Of a stream; undefined: however long it takes. */
  firstTokenSeconds?: number
  /** How long a sleeping model may take to wake. */
  wakeSeconds: number
}

export interface Place {
  /** Without a slash at its end. */
  url: string
  headers: Record<string, string>
}

export interface Answered {
  firstTokenSeconds: number
  inputTokens: number
  outputTokens: number
  text: string
  /** What the engine’s parser took for thoughts. */
  reasoning: string
  /** How many calls of tools the engine’s parser found. */
  calls: number
  /** It ended because it had no tokens left. */
  isCut: boolean
}

const tokensAsked = 64
/** A model that thinks does so before the JSON. */
const tokensForJson = 2048
const short = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 300)

interface Request {
  path: string
  body: Record<string, unknown>
}

/** Chat where the engine has a template, completion where it has none: `task` says which. */
function requestOf({ model, task, prompt, expect, maxTokens }: Question): Request {
  const tokens = maxTokens ?? (expect.schema === undefined ? tokensAsked : tokensForJson)
  const stream = { stream: true, stream_options: { include_usage: true }, max_tokens: tokens, temperature: 0 }
  const format =
    expect.schema === undefined
      ? {}
      : {
          response_format: { type: 'json_schema', json_schema: { name: 'smoke', strict: true, schema: expect.schema } },
        }
  switch (task) {
    case 'embedding':
      return { path: '/stream/v1/embeddings', body: { model, input: prompt } }
    case 'rerank':
      return { path: '/stream/v1/rerank', body: { model, query: prompt, documents: [prompt, 'Something else.'] } }
    case 'completion':
      return { path: '/stream/v1/completions', body: { model, prompt, ...stream, ...format } }
    default:
      return {
        path: '/stream/v1/chat/completions',
        body: { model, messages: [{ role: 'user', content: prompt }], ...stream, ...format },
      }
  }
}

export async function ask(place: Place, question: Question): Promise<Answered> {
  const answered = await send(place, question, requestOf(question))
  check(question, answered)
  return answered
}

/** False: the model did not call it, so that nothing is known of the parser. */
export async function askForCall(place: Place, question: Question): Promise<boolean> {
  // A model that thinks does so before the call.
  const prompted = { ...question, prompt: callPrompt, expect: {}, maxTokens: question.maxTokens ?? tokensForJson }
  const { path, body } = requestOf(prompted)
  const { calls, text, isCut } = await send(place, question, { path, body: { ...body, tools: [tool] } })
  // An answer that is cut off may be thoughts about a call.
  if (calls === 0 && !isCut && isCall(text)) throw new SmokeFailure('uncalled', short(text))
  return calls > 0
}

async function send(place: Place, question: Question, { path, body }: Request): Promise<Answered> {
  const started = performance.now()
  const wake = body.stream === true ? { 'x-scale-up-timeout': String(question.wakeSeconds) } : {}
  const response = await fetch(`${place.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...place.headers, ...wake },
    body: JSON.stringify(body),
  }).catch((error: Error) => {
    throw new SmokeFailure('silent', String(error.cause ?? error.message))
  })
  if (!response.ok) throw refusal(response.status, short(await response.text()))
  try {
    return body.stream === true
      ? await readStream(response, started)
      : readWhole(await response.text(), question, started)
  } catch (error) {
    if (error instanceof SmokeFailure) throw error
    throw new SmokeFailure('failed', `the answer is cut off: ${String(error)}`)
  }
}

function refusal(status: number, text: string): SmokeFailure {
  if (status === 404 && text.includes('model_not_found')) return new SmokeFailure('unknown', text)
  if (text.includes('model_not_served')) return new SmokeFailure('misnamed', `${status} ${text}`)
  if (status === 503 || status === 504 || status === 429) return new SmokeFailure('silent', `${status} ${text}`)
  return new SmokeFailure(status < 500 ? 'refused' : 'failed', `${status} ${text}`)
}

interface Delta {
  content?: string | null
  reasoning?: string
  reasoning_content?: string
  tool_calls?: { function?: { name?: string } }[]
}

interface Event {
  error?: { message?: string }
  choices?: { text?: string; delta?: Delta; finish_reason?: string | null }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
}

async function readStream(response: Response, started: number): Promise<Answered> {
  const answered: Answered = {
    firstTokenSeconds: 0,
    inputTokens: 0,
    outputTokens: 0,
    text: '',
    reasoning: '',
    calls: 0,
    isCut: false,
  }
  for await (const event of eventsOf(response)) {
    for (const { text, delta, finish_reason: reason } of event.choices ?? []) {
      const part = text ?? delta?.content ?? ''
      answered.reasoning += delta?.reasoning ?? delta?.reasoning_content ?? ''
      if (answered.firstTokenSeconds === 0 && (part !== '' || answered.reasoning !== ''))
        answered.firstTokenSeconds = (performance.now() - started) / 1000
      answered.text += part
      answered.isCut ||= reason === 'length'
      answered.calls += (delta?.tool_calls ?? []).filter((call) => call.function?.name === tool.function.name).length
    }
    answered.inputTokens = event.usage?.prompt_tokens ?? answered.inputTokens
    answered.outputTokens = event.usage?.completion_tokens ?? answered.outputTokens
  }
  return answered
}

async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = eventOf(line)
      if (event !== undefined) yield event
    }
  }
  const last = eventOf(rest)
  if (last !== undefined) yield last
}

function eventOf(line: string): Event | undefined {
  // Between events there are empty lines, comments, and other fields than data.
  if (/^(?:\s*$|:|(?:event|id|retry)(?::|$))/.test(line)) return undefined
  const data = line.replace(/^data:/, '').trim()
  return data === '' || data === '[DONE]' ? undefined : parsed<Event>(data)
}

function parsed<Value extends { error?: Event['error'] }>(text: string): Value {
  let value: Value | null = null
  try {
    value = JSON.parse(text) as Value | null
  } catch {
    // The same as what is no object.
  }
  if (typeof value !== 'object' || value === null) throw new SmokeFailure('shape', short(text))
  if (value.error !== undefined && value.error !== null)
    throw new SmokeFailure('failed', short(String(value.error.message ?? text)))
  return value
}

interface Whole extends Pick<Event, 'error'> {
  data?: { embedding: number[] }[]
  results?: { relevance_score: number }[]
  usage?: { prompt_tokens?: number; total_tokens?: number }
}

function readWhole(body: string, { task }: Question, started: number): Answered {
  const firstTokenSeconds = (performance.now() - started) / 1000
  const { data, results, usage } = parsed<Whole>(body)
  const numbers = task === 'rerank' ? (results ?? []).map((one) => one.relevance_score) : (data?.[0]?.embedding ?? [])
  const isUsable = numbers.length > 0 && numbers.every(Number.isFinite) && numbers.some((one) => one !== 0)
  const inputTokens = usage?.prompt_tokens ?? usage?.total_tokens ?? 0
  const text = isUsable ? `${numbers.length} numbers` : ''
  return { firstTokenSeconds, inputTokens, outputTokens: 0, text, reasoning: '', calls: 0, isCut: false }
}

function check({ task, expect, firstTokenSeconds }: Question, answered: Answered): void {
  const { reasoning } = answered
  // A model that thinks may use up its few tokens by it; it has enough of them for JSON, which clients look for in the answer alone.
  if (answered.text.trim() === '' && reasoning.trim() !== '' && expect.schema !== undefined)
    throw new SmokeFailure('schema', `nothing but thoughts: ${short(reasoning)}`)
  const text = answered.text.trim() === '' ? reasoning : answered.text
  if (text.trim() === '') throw new SmokeFailure('empty', `${answered.outputTokens} tokens, and no text`)
  const isGenerated = task === 'chat' || task === 'completion'
  if (isGenerated && (answered.inputTokens === 0 || answered.outputTokens === 0))
    throw new SmokeFailure('uncounted', `prompt ${answered.inputTokens}, answer ${answered.outputTokens}`)
  if (expect.contains !== undefined && !text.toLowerCase().includes(expect.contains.toLowerCase()))
    throw new SmokeFailure('unexpected', `“${expect.contains}” is not in “${short(text)}”`)
  if (expect.schema !== undefined) checkJson(text, expect.schema)
  if (firstTokenSeconds !== undefined && answered.firstTokenSeconds > firstTokenSeconds)
    throw new SmokeFailure('late', `${answered.firstTokenSeconds.toFixed(2)} s, allowed are ${firstTokenSeconds} s`)
}

function checkJson(text: string, schema: object): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SmokeFailure('schema', short(text))
  }
  const missed = missedIn(value, schema)
  if (missed !== undefined) throw new SmokeFailure('schema', `${missed}: ${short(text)}`)
}
