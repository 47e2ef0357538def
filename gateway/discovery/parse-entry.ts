// Annotations of a model and JSON of a tenant, checked: the same for Kubernetes and for the local file.
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { descriptionAnnotation, modelAnnotations } from './contract.ts'
import type { Endpoint, ModelEntry, Tenant } from './directory.ts'

const name = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' })
const names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 64 })

const sentence = Type.String({ maxLength: 500 })

const specSchema = Type.Object({
  maxModelLen: Type.Integer({ minimum: 1 }),
  maxOutput: Type.Integer({ minimum: 0 }),
  minReplicas: Type.Integer({ minimum: 0 }),
  pricePerHour: Type.Number({ minimum: 0 }),
  affinity: Type.Enum(['prefix', 'none']),
  coldStart: Type.Optional(
    Type.Object({
      node: Type.Number({ minimum: 0 }),
      image: Type.Number({ minimum: 0 }),
      weights: Type.Number({ minimum: 0 }),
      engine: Type.Number({ minimum: 0 }),
    }),
  ),
  weightBytes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  timeouts: Type.Object({ firstTokenSeconds: Type.Number({ exclusiveMinimum: 0 }) }),
})

const endpointsSchema = Type.Array(
  Type.Object({
    address: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    ready: Type.Boolean(),
  }),
)

const tenantSchema = Type.Object({
  name,
  claims: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])),
  models: Type.Optional(names),
  limits: Type.Object({
    requestsPerMinute: Type.Integer({ minimum: 1 }),
    tokensPerMinute: Type.Integer({ minimum: 1 }),
    concurrency: Type.Integer({ minimum: 1 }),
  }),
  apiKeys: Type.Array(
    Type.Object({
      id: Type.String({ minLength: 1, maxLength: 40 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      expires: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
      tokenBudget: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
  ),
  operatorScope: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  allowFields: Type.Optional(names),
})

/** A message about a source object that cannot be used; never shown to clients. */
export class EntryError extends Error {}

function check<T extends TSchema>(schema: T, value: unknown, where: string): Static<T> {
  const [error] = Value.Errors(schema, value)
  if (error) throw new EntryError(`${where}${error.instancePath.replaceAll('/', '.')}: ${error.message}`)
  return value as Static<T>
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new EntryError(`${where} is not JSON`)
  }
}

/**
 * Model entry without endpoints from the annotations of its Service.
 * @throws EntryError when an annotation is missing or wrong
 */
export function parseModel(annotations: Readonly<Record<string, string>>): Omit<ModelEntry, 'endpoints' | 'created'> {
  const text = (key: keyof typeof modelAnnotations): string => {
    const value = annotations[modelAnnotations[key]]
    if (!value) throw new EntryError(`annotation ${modelAnnotations[key]} is missing`)
    return value
  }
  const list = (key: 'aliases' | 'tenants'): string[] | undefined => {
    const value = annotations[modelAnnotations[key]]
    return value === undefined ? undefined : check(names, parseJson(value, key), key)
  }
  const tenants = list('tenants')
  const description = annotations[descriptionAnnotation]
  return {
    name: check(name, text('model'), modelAnnotations.model),
    modelId: text('modelId'),
    revision: annotations[modelAnnotations.revision] ?? '',
    aliases: list('aliases') ?? [],
    ...(description && { description: check(sentence, description, descriptionAnnotation) }),
    task: text('task'),
    engine: text('engine'),
    api: check(Type.Enum(['openai', 'tei']), text('api'), modelAnnotations.api),
    ...(tenants && { tenants }),
    spec: check(specSchema, parseJson(text('spec'), modelAnnotations.spec), modelAnnotations.spec),
  }
}

/**
 * Tenant from the value of `tenant.json`.
 * @throws EntryError when it does not have the shape
 */
export function parseTenant(json: string): Tenant {
  return check(tenantSchema, parseJson(json, 'tenant.json'), 'tenant.json')
}

/** Endpoints as a local run writes them. @throws EntryError */
export const parseEndpoints = (value: unknown): Endpoint[] => check(endpointsSchema, value, 'endpoints')
