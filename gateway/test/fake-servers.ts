// The fake engine as a whole server: what vLLM and Text Embeddings Inference answer on each of their paths.
import type { Fault } from './fake-engine.ts'

/** Answers every call with a JSON value. */
export const send =
  (value: unknown): Fault =>
  ({ res }) => {
    res.writeHead(200, { 'content-type': 'application/json', 'x-compute-tokens': '7' }).end(JSON.stringify(value))
  }

const usage = { prompt_tokens: 5, total_tokens: 5 }

/** What an answer of these routes has at least. */
const shortAnswers: Record<string, object> = {
  '/v1/responses': { id: 'resp_1', object: 'response', status: 'completed', output: [] },
  '/v1/messages': { id: 'msg_1', type: 'message', role: 'assistant', content: [] },
  '/v1/messages/count_tokens': { input_tokens: 3 },
  '/v1/score': { object: 'list', data: [{ index: 0, object: 'score', score: 0.5 }] },
}

/** vLLM, by path. */
export const vllm: Fault = (call) => {
  const { seen, request, res } = call
  const inputs = [request.input ?? request.documents ?? ''].flat() as string[]
  if (seen.path === '/v1/completions' && request.stream === true) {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    const piece = (text: string, finish: string | null, id: number) =>
      `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', model: request.model, choices: [{ index: 0, text, logprobs: null, finish_reason: finish, stop_reason: null, token_ids: [id] }] })}\n\n`
    res.write(piece(' Grüße', null, 11) + piece(' from', null, 12))
    res.end(
      `${piece(' here.', 'stop', 13)}data: {"id":"cmpl-1","choices":[],"usage":{"prompt_tokens":5,"total_tokens":8,"completion_tokens":3}}\n\ndata: [DONE]\n\n`,
    )
    return undefined
  }
  const short = shortAnswers[seen.path]
  if (short !== undefined && request.stream !== true) return send(short)(call)
  if (seen.path === '/v1/completions')
    return send({
      choices: [
        {
          index: 0,
          text: ' Grüße from here.',
          finish_reason: 'length',
          stop_reason: null,
          token_ids: [11],
          logprobs: request.logprobs === 0 ? { tokens: [' Grüße'], token_logprobs: [-0.5] } : null,
        },
      ],
      usage: { prompt_tokens: 5, total_tokens: 8, completion_tokens: 3 },
    })(call)
  if (seen.path === '/v1/embeddings') {
    const vector = (text: string) => [text.length, 1, 2]
    const encode = (values: number[]) =>
      request.encoding_format === 'base64' ? Buffer.from(new Float32Array(values).buffer).toString('base64') : values
    return send({
      object: 'list',
      data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: encode(vector(text)) })).reverse(),
      model: request.model,
      usage,
    })(call)
  }
  if (seen.path === '/classify')
    return send({ data: [{ index: 0, label: 'joy', probs: [0.1, 0.9], num_classes: 2 }], usage })(call)
  if (seen.path === '/v1/rerank')
    return send({
      id: 'r',
      model: request.model,
      usage: { total_tokens: 5 },
      results: inputs.map((text, index) => ({ index, document: { text }, relevance_score: text.length / 100 })),
    })(call)
  return send({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: request.model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
    usage: { ...usage, completion_tokens: 2 },
  })(call)
}

/** Text Embeddings Inference, by path. */
export const tei: Fault = (call) => {
  const { seen, request } = call
  if (seen.path === '/embed') return send([request.inputs].flat().map((text) => [String(text).length, 1, 2]))(call)
  if (seen.path === '/similarity')
    return send((request.inputs as { sentences: string[] }).sentences.map((_, index) => 0.9 - index / 10))(call)
  if (seen.path === '/predict')
    return send([
      { label: 'sad', score: 0.2 },
      { label: 'joy', score: 0.8 },
    ])(call)
  if (seen.path === '/rerank')
    return send((request.texts as string[]).map((text, index) => ({ index, score: text.length / 100 })))(call)
  if (seen.path === '/v1/embeddings')
    return send({ object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1, 2, 3] }], model: 'x', usage })(
      call,
    )
  call.res.writeHead(404).end()
  return undefined
}
