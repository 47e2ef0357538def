// /tokenize and /detokenize: small calls without the model.
import type { FastifyInstance } from 'fastify'
import type { TokenizeJob } from '../engine/messages.ts'
import type { Fields } from '../request/fields.ts'
import { readConversation } from '../request/messages.ts'
import { readBody, type Serving, startJob } from './serving.ts'

export function addTokenRoutes(app: FastifyInstance, serving: Serving): void {
  app.post('/tokenize', async (request, reply) => {
    const job = readTokenizeJob(readBody(serving, request), serving.servedName)
    const { result } = await startJob(serving, reply, job, 0).result('tokenized')
    return {
      count: result.tokens.length,
      max_model_len: serving.engine.info.maxModelLen,
      tokens: result.tokens,
      token_strs: result.texts,
    }
  })

  app.post('/detokenize', async (request, reply) => {
    const fields = readBody(serving, request)
    if (!fields.has('tokens')) fields.missing('tokens')
    const tokens = fields.tokenIds('tokens') ?? []
    fields.done()
    const { text } = await startJob(serving, reply, { kind: 'detokenize', tokens }, 0).result('detokenized')
    return { prompt: text }
  })
}

/** @throws ApiError 400 */
function readTokenizeJob(fields: Fields, servedName: string): TokenizeJob {
  const withTexts = fields.boolean('return_token_strs') ?? false
  if (fields.has('messages')) {
    const addSpecialTokens = fields.boolean('add_special_tokens') ?? false
    return { kind: 'tokenize', prompt: readConversation(fields, servedName), addSpecialTokens, withTexts }
  }
  const prompt = fields.text('prompt')
  if (!fields.has('prompt')) fields.missing('prompt')
  // vLLM tries both shapes, and names what each of them lacks.
  if (prompt === undefined) fields.missing('messages')
  const addSpecialTokens = fields.boolean('add_special_tokens') ?? true
  fields.done()
  return { kind: 'tokenize', prompt: prompt ?? '', addSpecialTokens, withTexts }
}
