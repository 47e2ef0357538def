// The OpenAPI document and a page that shows it, both made from the route table.
import { privilegedFields } from '../request/body-policy.ts'
import { apisOf, bodyRoutes, type InferenceRoute, pathRoutes, routeTemplate } from '../request/route-table.ts'
import { html } from './front-page.ts'
import { codeSamples, requestSchemas } from './request-schemas.ts'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })

const form = {
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file', 'model'],
        properties: {
          file: { type: 'string', contentMediaType: 'application/octet-stream' },
          model: { type: 'string' },
        },
      },
    },
  },
}

const errorSchemas: Record<string, object> = {
  openai: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message: { type: 'string' },
          type: { type: 'string' },
          param: { type: ['string', 'null'] },
          code: { type: ['string', 'null'] },
        },
      },
    },
  },
  huggingface: {
    type: 'object',
    required: ['error', 'error_type'],
    properties: { error: { type: 'string' }, error_type: { type: 'string' } },
  },
  anthropic: {
    type: 'object',
    required: ['type', 'error'],
    properties: {
      type: { const: 'error' },
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: { type: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

const statuses: Record<string, string> = {
  400: 'The request is malformed, or the engine refuses it.',
  401: 'No valid token or key.',
  404: 'No such model, or none that you may use.',
  413: 'The body is too large.',
  422: 'The model does another task.',
  429: 'A limit is reached, or the model has no free place; retry-after says when.',
  502: 'The model server failed or could not be reached.',
  504: 'The model server was too slow, or the model is still starting.',
}

const modelParameter = {
  name: 'model',
  in: 'path',
  required: true,
  description: 'Name, Hugging Face id or alias of the model.',
  schema: { type: 'string' },
}

/** Schema and example of a route’s body; the example names the model where the body does. */
function bodyOf(route: InferenceRoute): { content: object; example?: Record<string, unknown> } {
  const known = requestSchemas[route.path]
  if (route.form || !known) return form
  const { schema, example } = known
  if (route.modelIn === 'path') return { ...withExample(schema, example), example }
  const named = { model: 'NAME', ...example }
  const properties = { model: { type: 'string', description: modelParameter.description }, ...schema.properties }
  return { ...withExample({ ...schema, properties, required: ['model', ...schema.required] }, named), example: named }
}

const withExample = (schema: object, example: object) => ({ content: { 'application/json': { schema, example } } })

function operation(route: InferenceRoute, origin: string): object {
  const streams = route.streams ? { 'text/event-stream': { schema: { type: 'string' } } } : {}
  const errors = Object.entries(statuses).map(([status, description]) => [
    status,
    { description, ...json({ $ref: `#/components/schemas/Error-${route.family}` }) },
  ])
  const { content, example } = bodyOf(route)
  const url = routeTemplate(route).replace('{model}', 'NAME')
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: `Engines of these APIs answer it: ${apisOf(route).join(', ')}.`,
    ...(route.modelIn === 'path' && { parameters: [modelParameter] }),
    requestBody: { required: true, content },
    ...(example && { 'x-codeSamples': codeSamples(`${origin}/stream${url}`, example) }),
    responses: {
      200: { description: 'The answer.', content: { ...json({ type: 'object' }).content, ...streams } },
      ...Object.fromEntries(errors),
    },
  }
}

/** A name for generated clients: v1-chat-completions, models-v1-chat-completions. */
const operationId = (route: InferenceRoute): string =>
  routeTemplate(route)
    .replaceAll(/[{}]/g, '')
    .split('/')
    .filter((part) => part !== '')
    .join('-')

const read = (summary: string, parameters: object[] = []) => ({
  get: { summary, parameters, responses: { 200: { description: 'The answer.', ...json({ type: 'object' }) } } },
})

/** OpenAPI 3.1 document of the public routes. @param origin scheme and host */
export function openApiDocument(origin: string): object {
  const routes = [...bodyRoutes, ...pathRoutes]
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version: '1',
      description: `Every route is also below /stream, for streams and answers that take longer than half a minute. Fields that need permission: ${Object.keys(privilegedFields).join(', ')}.`,
    },
    servers: [
      { url: origin, description: 'Answers within 27 s.' },
      { url: `${origin}/stream`, description: 'Streams and long answers; API keys.' },
    ],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: {
      '/v1/models': read('Models that you may use.'),
      '/v1/models/{model}': read('One model.', [modelParameter]),
      '/v1/slipway/status': read('State of your models, your quota and the last minute.'),
      ...Object.fromEntries(routes.map((route) => [routeTemplate(route), { post: operation(route, origin) }])),
      '/tokenize': {
        post: {
          summary: 'Tokens of a text, from engines that offer it.',
          responses: { 200: { description: 'The answer.' } },
        },
      },
      '/detokenize': { post: { summary: 'Text of tokens.', responses: { 200: { description: 'The answer.' } } } },
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: Object.fromEntries(Object.entries(errorSchemas).map(([family, schema]) => [`Error-${family}`, schema])),
    },
  }
}

/** A page without scripts: what can be called, and how. */
export function referencePage(origin: string): string {
  const rows = [...bodyRoutes, ...pathRoutes].map(
    (route) =>
      `<tr><td><code>POST ${html(routeTemplate(route))}</code></td><td>${html(route.summary)}</td><td>${route.streams ? 'yes' : ''}</td></tr>`,
  )
  const errors = Object.entries(statuses).map(([status, text]) => `<tr><td>${status}</td><td>${html(text)}</td></tr>`)
  const base = html(origin)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slipway API</title><link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>Slipway API</h1>
<p>Base URL for OpenAI clients: <code>${base}/stream/v1</code> for streams and long answers,
<code>${base}/v1</code> for answers within 27 seconds. For Anthropic clients: <code>${base}/stream</code>. The machine-readable form is <a href="/openapi.json">openapi.json</a>.</p>
<pre>curl ${base}/stream/v1/chat/completions \\
  -H "authorization: Bearer $TOKEN" -H "content-type: application/json" \\
  -d '{"model": "NAME", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'</pre>
<h2>Routes</h2>
<div class="wide"><table><thead><tr><th>Route</th><th>What it does</th><th>Streams</th></tr></thead><tbody>
<tr><td><code>GET /v1/models</code></td><td>Models that you may use.</td><td></td></tr>
<tr><td><code>GET /v1/models/{model}</code></td><td>One model.</td><td></td></tr>
<tr><td><code>GET /v1/slipway/status</code></td><td>State of your models, your quota and the last minute.</td><td></td></tr>
${rows.join('\n')}
</tbody></table></div>
<h2>Errors</h2>
<div class="wide"><table><thead><tr><th>Status</th><th>Meaning</th></tr></thead><tbody>
${errors.join('\n')}
</tbody></table></div>
</main></body></html>
`
}

export const referenceStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; padding: 1rem }
main { max-width: 60rem; margin: 0 auto }
.wide, pre { overflow-x: auto }
pre { padding: 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
td code { white-space: nowrap }
`
