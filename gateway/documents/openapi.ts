// The OpenAPI document, made from the route table.
import { privilegedFields } from '../request/body-policy.ts'
import { bodyRoutes, enginesOf, type InferenceRoute, pathRoutes, routeTemplate } from '../request/route-table.ts'
import { type AnswerName, answerNames, answerSchemas } from './answer-schemas.ts'
import { codeSamples } from './code-samples.ts'
import { errorSchemas } from './error-schemas.ts'
import { type RequestSchema, requestSchemas } from './request-schemas.ts'

const json = (schema: object) => ({ 'application/json': { schema } })
const named = (name: string) => ({ $ref: `#/components/schemas/${name}` })

export const statuses: Record<string, string> = {
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

/** Schema and example of a body; both name the model where the path does not. */
function requestOf(path: string, modelIn: 'body' | 'path'): RequestSchema {
  const known = requestSchemas[path]
  if (!known) throw new Error(`${path} has no schema of its request`)
  if (modelIn === 'path') return known
  const { schema, example } = known
  const properties = { model: { type: 'string', description: modelParameter.description }, ...schema.properties }
  return {
    schema: { ...schema, properties, required: ['model', ...schema.required] },
    example: { model: 'NAME', ...example },
  }
}

const answerOf = (name: AnswerName, streams?: 'asked' | 'always') => ({
  description: 'The answer.',
  content: {
    ...(streams === 'always' ? {} : json(named(name))),
    ...(streams ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
  },
})

const errorsOf = (family: string) =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, content: json(named(`Error-${family}`)) },
    ]),
  )

/** What is sent to a path, with its schema and with code in three languages. */
function sending(url: string, path: string, modelIn: 'body' | 'path', isForm = false): object {
  const { schema, example } = requestOf(path, modelIn)
  const type = isForm ? 'multipart/form-data' : 'application/json'
  const sample = isForm ? { url, form: { model: 'NAME' } } : { url, json: example }
  return {
    requestBody: { required: true, content: { [type]: isForm ? { schema } : { schema, example } } },
    'x-codeSamples': codeSamples(sample),
  }
}

function operation(route: InferenceRoute, origin: string): object {
  const template = routeTemplate(route)
  const answer = answerNames[route.path]
  if (!answer && route.streams !== 'always') throw new Error(`${route.path} has no schema of its answer`)
  return {
    operationId: operationId(template),
    summary: route.summary,
    description: `Engines that answer it: ${enginesOf(route).join(', ')}.`,
    ...(route.modelIn === 'path' && { parameters: [modelParameter] }),
    ...sending(`${origin}/stream${template.replace('{model}', 'NAME')}`, route.path, route.modelIn, route.form),
    responses: { 200: answerOf(answer ?? 'TaskAnswer', route.streams), ...errorsOf(route.family) },
  }
}

/** A name for generated clients: v1-chat-completions, models-v1-chat-completions. */
const operationId = (template: string): string =>
  template
    .replaceAll(/[{}]/g, '')
    .split('/')
    .filter((part) => part !== '')
    .join('-')

function reading(origin: string, path: string, summary: string, answer: AnswerName, open = false) {
  return {
    get: {
      operationId: `get-${operationId(path) || 'links'}`,
      summary,
      ...(path.includes('{model}') && { parameters: [modelParameter] }),
      ...(open && { security: [] }),
      'x-codeSamples': codeSamples({ url: origin + path.replace('{model}', 'NAME') }),
      responses: { 200: answerOf(answer), ...(!open && errorsOf('openai')) },
    },
  }
}

function operatorView(origin: string): object {
  const what = 'All models and tenants, for tokens with the operator scope of their tenant.'
  const { get } = reading(origin, '/v1/slipway/operator', what, 'Operator')
  const refusal = { description: 'The token lacks that scope.', content: json(named('Error-openai')) }
  return { get: { ...get, responses: { ...get.responses, 403: refusal } } }
}

function counting(origin: string, path: string, summary: string): object {
  const answer = answerNames[path] ?? 'Tokens'
  return {
    post: {
      operationId: operationId(path),
      summary,
      ...sending(origin + path, path, 'body'),
      responses: { 200: answerOf(answer), ...errorsOf('openai') },
    },
  }
}

const canary = {
  post: {
    operationId: 'canary',
    summary: 'Whether the way here is whole; no token needed.',
    security: [],
    responses: { 204: { description: 'It is.' } },
  },
}

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
      '/': reading(origin, '/', 'Links and base URLs.', 'Links', true),
      '/v1/models': reading(origin, '/v1/models', 'Models that you may use.', 'ModelList'),
      '/v1/models/{model}': reading(origin, '/v1/models/{model}', 'One model.', 'Model'),
      '/v1/slipway/status': reading(
        origin,
        '/v1/slipway/status',
        'State of your models, your quota and the last minute.',
        'Status',
      ),
      '/v1/slipway/operator': operatorView(origin),
      ...Object.fromEntries(routes.map((route) => [routeTemplate(route), { post: operation(route, origin) }])),
      '/tokenize': counting(origin, '/tokenize', 'Tokens of a text, from engines that offer it.'),
      '/detokenize': counting(origin, '/detokenize', 'Text of tokens.'),
      '/canary': canary,
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: {
        ...answerSchemas,
        ...Object.fromEntries(Object.entries(errorSchemas).map(([family, schema]) => [`Error-${family}`, schema])),
      },
    },
  }
}
