// Jobs to tasks of the scheduler: tokens of a prompt, limits that need them, and one task per answer or text.
import { randomInt } from 'node:crypto'
import { badParameter, badRequest } from '../api-error.ts'
import type { Task } from '../generate/scheduler.ts'
import { Sequence } from '../generate/sequence.ts'
import type { Conversation } from '../model/chat-template.ts'
import { Decoder } from '../model/decoder.ts'
import { Encoder } from '../model/encoder.ts'
import type { LoadedModel } from '../model/load-model.ts'
import type { PairEncoding } from '../model/tokenizer.ts'
import type { EncodeJob, GenerateJob, JobEvent, Prompt, TokenizeJob, TokenizeResult, Truncation } from './messages.ts'

type Report = (event: JobEvent) => void

const isConversation = (value: unknown): value is Conversation =>
  typeof value === 'object' && value !== null && 'messages' in value

/** One task per choice. @throws ApiError 400 when a prompt does not fit */
export function generateTasks(model: LoadedModel, job: GenerateJob, report: Report): Task[] {
  const { network } = model
  if (!(network instanceof Decoder)) throw badRequest('The model does not generate text.')
  const prompts = isConversation(job.prompts) ? [render(model, job.prompts)] : job.prompts
  const tokens = prompts.map((prompt) => fitting(model, promptTokens(model, prompt, job), 1))
  const promptTexts = job.echo ? prompts.map((prompt, index) => textOf(model, prompt, tokens[index] ?? [])) : []
  report({ event: 'accepted', promptTokens: tokens.map(({ length }) => length), promptTexts })
  const seed = job.sampling.seed ?? randomInt(2 ** 47)
  return tokens.flatMap((prompt, promptIndex) =>
    Array.from({ length: job.n }, (_, choice) => {
      const { endOfText, info, tokenizer } = model
      const { maxModelLen } = info
      const input = { prompt, sampling: job.sampling, choice, seed, endOfText, maxModelLen }
      return sequenceTask(() => new Sequence(network, tokenizer, input), promptIndex * job.n + choice, report)
    }),
  )
}

const textOf = ({ tokenizer }: LoadedModel, prompt: Prompt, tokens: readonly number[]): string =>
  typeof prompt === 'string' ? prompt : tokenizer.decode(tokens, false)

/** The sequence is made when its turn comes, so that what waits holds no cache. */
function sequenceTask(make: () => Sequence, index: number, report: Report): Task {
  let sequence: Sequence | undefined
  return {
    start() {
      sequence = make()
      report({ event: 'started', index })
    },
    async step() {
      const token = await sequence?.step()
      if (token === undefined) return false
      report({ event: 'token', index, token })
      return token.finishReason !== null
    },
    release() {
      sequence?.release()
    },
  }
}

/** One task for the whole job, one step per text: others get their turn between two texts. */
export function encodeTask(model: LoadedModel, job: EncodeJob, report: Report): Task {
  const { network } = model
  if (!(network instanceof Encoder)) throw badRequest('The model does not support this API.')
  const encodings = job.inputs.map(([text, pair]) => pairTokens(model, text, pair, job))
  const counts = encodings.map(({ ids }) => ids.length)
  report({ event: 'accepted', promptTokens: counts, promptTexts: [] })
  const vectors: number[][] = []
  return {
    start() {
      report({ event: 'started', index: 0 })
    },
    async step() {
      const next = encodings[vectors.length]
      if (next) vectors.push(await network.encode(next, job.activation))
      if (vectors.length < encodings.length) return false
      report({ event: 'encoded', result: { vectors, promptTokens: counts.reduce((sum, count) => sum + count, 0) } })
      return true
    },
    release() {},
  }
}

/** @throws ApiError 400 */
export function tokenize(model: LoadedModel, job: TokenizeJob): TokenizeResult {
  const text = isConversation(job.prompt) ? render(model, job.prompt) : job.prompt
  const tokens = model.tokenizer.encode(text, job.addSpecialTokens)
  return { tokens, texts: job.withTexts ? tokens.map((id) => model.tokenizer.tokenText(id)) : null }
}

/** @throws ApiError 400 for a model without a template, with vLLM's words */
function render({ template }: LoadedModel, conversation: Conversation): string {
  if (template) return template.render(conversation)
  throw badRequest(
    'As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.',
  )
}

interface TokenOptions {
  addSpecialTokens: boolean
  truncation: Truncation | undefined
}

function promptTokens(model: LoadedModel, prompt: Prompt, options: TokenOptions): readonly number[] {
  const { tokenizer, info } = model
  if (typeof prompt !== 'string') {
    const odd = prompt.find((id) => id >= info.vocabularySize)
    if (odd !== undefined) throw badRequest(`Token id ${odd} is out of vocabulary`)
    return truncated(prompt, options.truncation)
  }
  // A text of this length cannot fit, and reading it would keep everybody waiting.
  if (options.truncation === undefined && prompt.length > info.maxModelLen * tokenizer.longestToken)
    throw tooLong(model, info.maxModelLen + 1)
  return truncated(tokenizer.encode(prompt, options.addSpecialTokens), options.truncation)
}

function pairTokens(model: LoadedModel, text: Prompt, pair: string | undefined, options: TokenOptions): PairEncoding {
  if (pair === undefined) return { ids: [...fitting(model, promptTokens(model, text, options), 0)], types: undefined }
  const encoding = model.tokenizer.encodePair(String(text), pair, options.addSpecialTokens)
  const ids = [...truncated(encoding.ids, options.truncation)]
  fitting(model, ids, 0)
  return { ids, types: encoding.types?.slice(0, ids.length) }
}

function truncated(tokens: readonly number[], truncation: Truncation | undefined): readonly number[] {
  if (truncation === undefined || tokens.length <= truncation.tokens) return tokens
  return truncation.side === 'left' ? tokens.slice(-truncation.tokens) : tokens.slice(0, truncation.tokens)
}

/** @param output tokens that must still fit after the prompt. @throws ApiError 400 */
function fitting(model: LoadedModel, tokens: readonly number[], output: number): readonly number[] {
  const { maxModelLen } = model.info
  if (tokens.length === 0) throw badRequest('The decoder prompt cannot be empty')
  if (tokens.length + output > maxModelLen) throw tooLong(model, Math.min(tokens.length, maxModelLen + 1))
  return tokens
}

/** vLLM stops counting one token behind the limit. */
function tooLong({ info: { maxModelLen } }: LoadedModel, atLeast: number) {
  return badParameter(
    `This model's maximum context length is ${maxModelLen} tokens. However, your prompt contains at least ${atLeast} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt.`,
    'input_tokens',
    String(atLeast),
  )
}
