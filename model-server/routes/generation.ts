// The two generating routes: completions and chat. They read a request, start the job, and send one answer or a stream.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { chatShape } from '../answer/chat-shape.ts'
import { completionShape } from '../answer/completion-shape.ts'
import { eventStream } from '../answer/event-stream.ts'
import type { AnswerHead, Shape } from '../answer/shape.ts'
import { wholeAnswer } from '../answer/whole-answer.ts'
import { badParameter, notDone } from '../api-error.ts'
import type { GenerateJob } from '../engine/messages.ts'
import type { Fields } from '../request/fields.ts'
import { readConversation } from '../request/messages.ts'
import { readPrompts, readTruncation } from '../request/prompts.ts'
import { refuseUnsupported } from '../request/refuse.ts'
import { checkChoices, checkLogprobs, readSampling } from '../request/sampling.ts'
import { readStreamOptions, type StreamOptions } from '../request/stream-options.ts'
import { answerId, readBody, type Serving, startJob } from './serving.ts'

interface Ask {
  job: GenerateJob
  stream: StreamOptions
  shape: Shape
  idPrefix: string
}

/** OpenAI’s default for completions. */
const defaultMaxTokens = 16

export function addGenerationRoutes(app: FastifyInstance, serving: Serving): void {
  const route = (path: string, read: (serving: Serving, fields: Fields) => Ask): void => {
    app.post(path, async (request, reply) => answer(serving, request, reply, read(serving, readBody(serving, request))))
  }
  route('/v1/completions', readCompletion)
  route('/v1/chat/completions', readChat)
}

/** @throws ApiError 400 */
function readCompletion(serving: Serving, fields: Fields): Ask {
  const { info } = serving.engine
  refuseUnsupported(fields, 'completions')
  const stream = readStreamOptions(fields, serving.forcesUsage)
  const prompts = readPrompts(fields, 'prompt')
  const sampling = readSampling(fields, info, fields.integer('max_tokens') ?? defaultMaxTokens)
  const logprobs = checkLogprobs(fields.integer('logprobs'), info.vocabularySize)
  const echo = fields.boolean('echo') ?? false
  if (echo && logprobs !== undefined) throw notDone('echo together with logprobs')
  const job = readJob(fields, serving, { prompts, echo, sampling: { ...sampling, logprobs }, addSpecialTokens: true })
  return { job, stream, shape: completionShape(logprobs !== undefined), idPrefix: 'cmpl' }
}

/** @throws ApiError 400 */
export function readChat(serving: Serving, fields: Fields): Ask {
  const { info } = serving.engine
  refuseUnsupported(fields, 'chat')
  const stream = readStreamOptions(fields, serving.forcesUsage)
  const conversation = readConversation(fields, serving.servedName)
  const maxTokens = fields.integer('max_completion_tokens') ?? fields.integer('max_tokens')
  const sampling = readSampling(fields, info, maxTokens)
  const asked = fields.boolean('logprobs') ?? false
  const top = fields.integer('top_logprobs') ?? 0
  fields.done()
  if (top !== 0 && !asked)
    throw badParameter('when using `top_logprobs`, `logprobs` must be set to true.', 'top_logprobs')
  const logprobs = asked ? checkLogprobs(top, info.vocabularySize) : undefined
  const job = readJob(fields, serving, {
    prompts: conversation,
    echo: false,
    sampling: { ...sampling, logprobs },
    addSpecialTokens: false,
  })
  const lastRole = conversation.messages.at(-1)?.role
  const role = conversation.addGenerationPrompt ? 'assistant' : String(lastRole)
  return { job, stream, shape: chatShape(role, logprobs), idPrefix: 'chatcmpl' }
}

/** What both routes read in the same way. @throws ApiError 400 */
function readJob(
  fields: Fields,
  { engine }: Serving,
  given: Pick<GenerateJob, 'prompts' | 'echo' | 'sampling' | 'addSpecialTokens'>,
): GenerateJob {
  const n = fields.integer('n') ?? 1
  const addSpecialTokens = fields.boolean('add_special_tokens') ?? given.addSpecialTokens
  const truncation = readTruncation(fields, engine.info.maxModelLen, 'left')
  checkChoices(n, given.sampling)
  return { kind: 'generate', ...given, n, addSpecialTokens, truncation }
}

async function answer(
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  { job, stream, shape, idPrefix }: Ask,
): Promise<unknown> {
  const prompts = 'messages' in job.prompts ? 1 : job.prompts.length
  const call = startJob(serving, reply, job, prompts * job.n)
  // A prompt that does not fit is a 400 for streams too, so nothing is sent before.
  const accepted = await call.accepted()
  const head: AnswerHead = {
    id: answerId(serving, request, idPrefix),
    created: serving.now(),
    model: serving.servedName,
    fingerprint: `slipway-${serving.version}`,
  }
  if (!stream.stream) return wholeAnswer(call, accepted, job.n, shape, head)
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for await (const event of eventStream(call, accepted, job.n, shape, head, stream.usage)) raw.write(event)
  raw.end()
  return reply
}
