// OpenAI's Responses and Anthropic's Messages: a conversation like that of chat, asked and answered in other words.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type MessageHead, messageEvents, wholeMessage } from '../answer/messages.ts'
import { type ResponsesHead, responseEvents, wholeResponse } from '../answer/responses.ts'
import { ApiError, anthropicErrorBody } from '../api-error.ts'
import type { GenerateJob } from '../engine/messages.ts'
import { messagesAsChat } from '../request/anthropic-messages.ts'
import type { Fields } from '../request/fields.ts'
import { readConversation } from '../request/messages.ts'
import { responsesAsChat } from '../request/responses.ts'
import { readChat } from './generation.ts'
import { answerId, readBody, type Serving, startJob } from './serving.ts'

export function addConversationRoutes(app: FastifyInstance, serving: Serving): void {
  addResponses(app, serving)
  addMessages(app, serving)
}

function addResponses(app: FastifyInstance, serving: Serving): void {
  app.post('/v1/responses', async (request, reply) => {
    const fields = readBody(serving, request)
    const { job, stream } = readOne(serving, responsesAsChat(fields, serving.servedName))
    const call = startJob(serving, reply, job, 1)
    const { promptTokens } = await call.accepted()
    const head: ResponsesHead = {
      id: answerId(serving, request, 'resp').replace('-', '_'),
      messageId: `msg_${serving.newId()}`,
      created: serving.now(),
      model: serving.servedName,
      fields,
      sampling: job.sampling,
      promptTokens: promptTokens[0] ?? 0,
    }
    return stream ? send(reply, responseEvents(call, head)) : wholeResponse(call, head)
  })
}

function addMessages(app: FastifyInstance, serving: Serving): void {
  const options = {
    // What it throws again goes to the handler of all routes.
    errorHandler(error: Error, _request: unknown, reply: FastifyReply): void {
      if (!(error instanceof ApiError)) throw error
      const { status, retryAfter } = error.data
      if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
      void reply.code(status).send(anthropicErrorBody(error.data))
    },
  }
  app.post('/v1/messages', options, async (request, reply) => {
    const fields = readBody(serving, request)
    const chat = messagesAsChat(fields, serving.servedName)
    if (!fields.has('max_tokens')) fields.missing('max_tokens')
    fields.done()
    const { job, stream } = readOne(serving, chat)
    const call = startJob(serving, reply, job, 1)
    const { promptTokens } = await call.accepted()
    const id = answerId(serving, request, 'chatcmpl')
    const head: MessageHead = { id, model: serving.servedName, promptTokens: promptTokens[0] ?? 0 }
    return stream ? send(reply, messageEvents(call, head)) : wholeMessage(call, head)
  })
  app.post('/v1/messages/count_tokens', options, async (request, reply) => {
    const chat = messagesAsChat(readBody(serving, request), serving.servedName)
    const prompt = readConversation(chat, serving.servedName)
    const job = { kind: 'tokenize', prompt, addSpecialTokens: false, withTexts: false } as const
    const { result } = await startJob(serving, reply, job, 0).result('tokenized')
    const tokens = result.tokens.length
    return { input_tokens: tokens, context_management: { original_input_tokens: tokens } }
  })
}

/** @throws ApiError 400 */
function readOne(serving: Serving, chat: Fields): { job: GenerateJob; stream: boolean } {
  const { job, stream } = readChat(serving, chat)
  return { job, stream: stream.stream }
}

async function send(reply: FastifyReply, events: AsyncIterable<string>): Promise<FastifyReply> {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for await (const event of events) raw.write(event)
  raw.end()
  return reply
}
