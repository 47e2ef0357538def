// What the body of each route must hold, as JSON Schema with an example. Engines take more fields than are named, so others are
// allowed; the ones here are what a generated client needs.

const text = { type: 'string' }
const number = { type: 'number' }
const count = { type: 'integer', minimum: 1 }
const flag = { type: 'boolean' }
const listOf = (items: object) => ({ type: 'array', items, minItems: 1 })
const either = (...anyOf: object[]) => ({ anyOf })

const object = (properties: Record<string, object>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
})

const turn = object({ role: text, content: either(text, listOf({ type: 'object' })) }, ['role', 'content'])
const sampling = { temperature: number, top_p: number, stream: flag }
const oneOrMore = either(text, listOf(text))
const documents = listOf(either(text, object({ text }, ['text'])))

export interface RequestSchema {
  /** Without `model`, which the route adds where the path does not have it. */
  schema: { type: string; properties: Record<string, object>; required: readonly string[] }
  example: Record<string, unknown>
}

const of = (properties: Record<string, object>, required: readonly string[], example: Record<string, unknown>) => ({
  schema: object(properties, required),
  example,
})

const messages = [{ role: 'user', content: 'Hello' }]
const chat = of({ messages: listOf(turn), ...sampling, max_completion_tokens: count, n: count }, ['messages'], {
  messages,
})
const teiRerank = of({ query: text, texts: listOf(text), return_text: flag }, ['query', 'texts'], {
  query: 'What is a cat?',
  texts: ['An animal.', 'A car.'],
})
const generate = of({ inputs: text, parameters: { type: 'object' }, stream: flag }, ['inputs'], { inputs: 'Once' })
const ranked = { query: 'What is a cat?', documents: ['An animal.', 'A car.'] }

/** By the path of the route, without `/models/{model}`. */
export const requestSchemas: Readonly<Record<string, RequestSchema>> = {
  '/v1/chat/completions': chat,
  '/v1/completions': of({ prompt: oneOrMore, ...sampling, max_tokens: count, n: count }, ['prompt'], {
    prompt: 'Once',
  }),
  '/v1/responses': of(
    {
      input: either(text, listOf({ type: 'object' })),
      instructions: text,
      ...sampling,
      max_output_tokens: count,
      store: { const: false },
    },
    ['input'],
    { input: 'Hello' },
  ),
  '/v1/messages': of(
    { messages: listOf(turn), max_tokens: count, system: text, stop_sequences: listOf(text), ...sampling },
    ['messages', 'max_tokens'],
    { messages, max_tokens: 100 },
  ),
  '/v1/messages/count_tokens': of({ messages: listOf(turn), system: text }, ['messages'], { messages }),
  '/v1/embeddings': of(
    { input: oneOrMore, encoding_format: { enum: ['float', 'base64'] }, dimensions: count },
    ['input'],
    {
      input: ['Hello', 'Good bye'],
    },
  ),
  '/v1/rerank': of({ query: text, documents, top_n: count, return_documents: flag }, ['query', 'documents'], ranked),
  '/v2/rerank': of({ query: text, documents, top_n: count }, ['query', 'documents'], ranked),
  '/v1/score': of({ queries: oneOrMore, documents: oneOrMore }, ['queries', 'documents'], {
    queries: ranked.query,
    documents: ranked.documents,
  }),
  '/rerank': teiRerank,
  '': of({ inputs: {}, parameters: { type: 'object' } }, ['inputs'], { inputs: 'Once' }),
  '/generate': generate,
  '/generate_stream': generate,
  '/embed': of({ inputs: oneOrMore, normalize: flag }, ['inputs'], { inputs: 'Hello' }),
  '/similarity': of(
    { inputs: object({ source_sentence: text, sentences: listOf(text) }, ['source_sentence', 'sentences']) },
    ['inputs'],
    { inputs: { source_sentence: 'Hello', sentences: ['Hi', 'Good bye'] } },
  ),
  '/predict': of({ inputs: text }, ['inputs'], { inputs: 'I like it.' }),
}

/** Apart from its brackets: this file calls nothing. */
const request = 'fetch'

/** How the example is sent: curl, Python and TypeScript without any package. */
export function codeSamples(url: string, body: object): { lang: string; source: string }[] {
  const json = JSON.stringify(body)
  return [
    {
      lang: 'Shell',
      source: `curl ${url} -H "authorization: Bearer $SLIPWAY_TOKEN" -H 'content-type: application/json' \\\n  -d '${json}'`,
    },
    {
      lang: 'Python',
      source: `import json, os, urllib.request

request = urllib.request.Request(
    "${url}",
    data=json.dumps(${json}).encode(),
    headers={"authorization": f"Bearer {os.environ['SLIPWAY_TOKEN']}", "content-type": "application/json"},
)
print(urllib.request.urlopen(request).read().decode())`,
    },
    {
      lang: 'TypeScript',
      source: `import { env } from 'node:process'

const response = await ${request}('${url}', {
  method: 'POST',
  headers: { authorization: \`Bearer \${env.SLIPWAY_TOKEN}\`, 'content-type': 'application/json' },
  body: JSON.stringify(${json}),
})
console.log(await response.text())`,
    },
  ]
}
