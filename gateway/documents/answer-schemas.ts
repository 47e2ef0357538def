// What each route answers, as JSON Schema: what a client may rely on, from whichever engine. Engines send more fields.
import { anything, either, full, integer, many, number, object, text, textOrNull } from './schema-words.ts'

const usage = full({ prompt_tokens: integer, total_tokens: integer }, { completion_tokens: integer })
const used = full({ input_tokens: integer, output_tokens: integer })
const toolCall = full({ id: text, type: text, function: full({ name: text, arguments: text }) })
const answerOf = (choice: object) =>
  full({ id: text, object: text, created: integer, model: text, choices: many(choice), usage })

const ChatCompletion = answerOf(
  full({
    index: integer,
    message: full({ role: text, content: textOrNull }, { tool_calls: many(toolCall) }),
    finish_reason: textOrNull,
  }),
)
const Completion = answerOf(full({ index: integer, text, finish_reason: textOrNull }))
const Response = full({
  id: text,
  object: text,
  created_at: number,
  status: text,
  model: text,
  output: many(
    full(
      { type: text },
      {
        id: text,
        role: text,
        content: many(full({ type: text }, { text })),
        name: text,
        arguments: text,
        call_id: text,
      },
    ),
  ),
  usage: used,
})
const Message = full({
  id: text,
  type: text,
  role: text,
  model: text,
  content: many(full({ type: text }, { text, id: text, name: text, input: object({}, []) })),
  stop_reason: textOrNull,
  usage: used,
})
const Embeddings = full(
  { object: text, model: text, data: many(full({ index: integer, embedding: either(many(number), text) })) },
  { usage },
)
const ranked = full({ index: integer, relevance_score: number }, { document: full({ text }) })
const Ranking = full({ model: text, results: many(ranked) }, { id: text })
const Scores = full({ object: text, model: text, data: many(full({ index: integer, score: number })) })
const TextRanks = many(full({ index: integer, score: number }, { text }))
const generated = full({ generated_text: text }, { details: anything })
const Tokens = full({ count: integer, max_model_len: integer, tokens: many(integer) })
const Model = full({
  id: text,
  object: text,
  created: integer,
  owned_by: text,
  root: text,
  max_model_len: integer,
})
const quota = object({}, [])
const Status = full({
  tenant: text,
  operator: { type: 'boolean' },
  limits: full({ requestsPerMinute: integer, tokensPerMinute: integer, concurrency: integer }),
  quota: full({ generate: quota, embed: quota }),
  models: many(
    full({
      name: text,
      modelId: text,
      task: text,
      engine: text,
      state: { type: 'string', enum: ['ready', 'asleep', 'starting', 'unavailable'] },
      reason: textOrNull,
      replicas: integer,
      pricePerHour: number,
    }),
  ),
  gatewayReplicas: integer,
  samples: many(object({}, [])),
})

const Operator = full({
  pod: text,
  gatewayReplicas: integer,
  models: many(object({}, [])),
  tenants: many(
    full({
      name: text,
      limits: object({}, []),
      quota: object({}, []),
      minute: full({ requests: integer, errors: integer, meanMs: integer }),
    }),
  ),
  wakes: many(full({ model: text, at: text })),
  platform: object({ state: { type: 'string', enum: ['not_configured', 'unreachable', 'known'] } }, ['state']),
})

/** By the name that generated clients give their types. */
export const answerSchemas = {
  ChatCompletion,
  Completion,
  Response,
  Message,
  TokenCount: full({ input_tokens: integer }),
  Embeddings,
  Ranking,
  Scores,
  Transcription: full({ text }),
  TextRanks,
  GeneratedTexts: many(generated),
  Vectors: many(many(number)),
  Similarities: many(number),
  Labels: many(many(full({ label: text, score: number }))),
  TaskAnswer: anything,
  Tokens,
  DetokenizedText: full({ prompt: text }),
  Model,
  ModelList: full({ object: text, data: many({ $ref: '#/components/schemas/Model' }) }),
  Status,
  Operator,
  Links: full({ name: text, links: object({}, []), base_urls: object({}, []) }),
} satisfies Record<string, object>

export type AnswerName = keyof typeof answerSchemas

/** By the path of the route, without `/models/{model}`. */
export const answerNames: Readonly<Record<string, AnswerName>> = {
  '/v1/chat/completions': 'ChatCompletion',
  '/v1/completions': 'Completion',
  '/v1/responses': 'Response',
  '/v1/messages': 'Message',
  '/v1/messages/count_tokens': 'TokenCount',
  '/v1/embeddings': 'Embeddings',
  '/v1/rerank': 'Ranking',
  '/v2/rerank': 'Ranking',
  '/v1/score': 'Scores',
  '/v1/audio/transcriptions': 'Transcription',
  '/v1/audio/translations': 'Transcription',
  '/rerank': 'TextRanks',
  '': 'TaskAnswer',
  '/generate': 'GeneratedTexts',
  '/embed': 'Vectors',
  '/similarity': 'Similarities',
  '/predict': 'Labels',
  '/tokenize': 'Tokens',
  '/detokenize': 'DetokenizedText',
}
