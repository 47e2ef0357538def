// Environment variables to settings; every problem at once, so that one restart is enough.
import { Value } from 'typebox/value'
import { type Config, configSchema, type Issuer, issuersSchema, orderedSettings, settings } from './config.ts'

export interface ConfigProblem {
  name: string
  message: string
}

/** Settings from an environment. Names that are not set take their defaults; others of the environment are ignored. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): {
  config: Config
  issuers: Issuer[]
  problems: ConfigProblem[]
} {
  const problems: ConfigProblem[] = []
  const values: Record<string, unknown> = {}
  for (const { name, schema } of settings) {
    const raw = env[name]
    values[name] = raw === undefined || raw === '' ? schema.default : convert(raw, schema)
  }
  for (const error of Value.Errors(configSchema, values)) {
    const name = error.instancePath.slice(1)
    const { description } = settings.find((one) => one.name === name)?.schema ?? {}
    // A pattern explains nothing, and a secret is no word for a log.
    const wanted = error.keyword === 'pattern' ? `not of the form: ${description}` : error.message
    problems.push({ name, message: name.includes('SECRET') ? wanted : `${JSON.stringify(env[name])}: ${wanted}` })
  }
  if (problems.length === 0) problems.push(...contradictions(values as Config))
  const issuers = readIssuers(String(values.OIDC_ISSUERS), problems)
  return { config: values as Config, issuers, problems }
}

/** What each setting allows alone, and not with another one. */
const contradictions = (config: Config): ConfigProblem[] =>
  orderedSettings.flatMap(([name, other]) =>
    config[name] < config[other]
      ? [{ name, message: `${config[name]}: must be at least ${other}, which is ${config[other]}` }]
      : [],
  )

function convert(raw: string, schema: { type?: string }): unknown {
  if (schema.type === 'number' || schema.type === 'integer') return raw.trim() === '' ? raw : Number(raw)
  if (schema.type === 'boolean') return raw === 'true' ? true : raw === 'false' ? false : raw
  return raw
}

function readIssuers(json: string, problems: ConfigProblem[]): Issuer[] {
  const name = 'OIDC_ISSUERS'
  try {
    const value: unknown = JSON.parse(json)
    const [error] = Value.Errors(issuersSchema, value)
    if (!error) return withoutRepetition(value as Issuer[], problems)
    problems.push({ name, message: `${error.instancePath || 'the list'}: ${error.message}` })
  } catch {
    problems.push({ name, message: 'not a JSON list of {issuer, audiences, jwksUri, scopes}' })
  }
  return []
}

function withoutRepetition(issuers: Issuer[], problems: ConfigProblem[]): Issuer[] {
  const names = issuers.map(({ issuer }) => issuer)
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index) problems.push({ name: 'OIDC_ISSUERS', message: `${name} is given twice` })
  return issuers
}
