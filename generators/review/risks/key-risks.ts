// Risks of API keys: calls that are refused from now on, and calls that are accepted from now on.
import type { TenantFile } from '../../schema/tenant.ts'
import type { Side } from '../side.ts'
import type { Risk } from './risk.ts'

type ApiKey = NonNullable<TenantFile['apiKeys']>[number]

/** Ids are unique among all tenants. */
export function keyRisks(before: Side, after: Side): Risk[] {
  const [old, young] = [keysOf(before), keysOf(after)]
  return [...new Set([...old.keys(), ...young.keys()])].flatMap((where) => {
    const [known = new Map(), now = new Map()] = [old.get(where), young.get(where)]
    return [...new Set([...known.keys(), ...now.keys()])].flatMap((id) => {
      const found = changeOf(id, known.get(id), now.get(id))
      return found === undefined ? [] : [{ ...found, where }]
    })
  })
}

function keysOf({ repository }: Side): Map<string, Map<string, ApiKey>> {
  return new Map(
    repository.tenants.map(({ file }) => {
      const { apiKeys } = (file.value ?? {}) as { apiKeys?: unknown }
      // What is no list of keys is for the schema to refuse.
      const keys = Array.isArray(apiKeys) ? (apiKeys as (ApiKey | null)[]) : []
      return [file.path, new Map(keys.flatMap((key) => (typeof key?.id === 'string' ? [[key.id, key] as const] : [])))]
    }),
  )
}

function changeOf(id: string, before?: ApiKey, after?: ApiKey): Omit<Risk, 'where'> | undefined {
  if (after === undefined)
    return { level: 'warning', rule: 'key-revoked', text: `API key ${id} is revoked: calls with it get 401.` }
  if (before === undefined)
    return {
      level: 'warning',
      rule: 'key-added',
      text: `API key ${id} is new: what is sent with it is this tenant’s, up to and including ${after.expires}.`,
    }
  if (before.sha256 !== after.sha256)
    return {
      level: 'warning',
      rule: 'key-replaced',
      text: `API key ${id} is another key now: calls with the old one get 401.`,
    }
  if (before.expires === after.expires) return budgetChange(id, before.tokenBudget, after.tokenBudget)
  const days = `${before.expires} → ${after.expires}`
  return after.expires < before.expires
    ? {
        level: 'warning',
        rule: 'key-ends-sooner',
        text: `API key ${id} ends sooner: ${days}. Later calls with it get 401.`,
      }
    : { level: 'note', rule: 'key-lasts-longer', text: `API key ${id} is valid longer: ${days}.` }
}

function budgetChange(id: string, before?: number, after?: number): Omit<Risk, 'where'> | undefined {
  if (before === after) return undefined
  const numbers = [before, after].map((budget) => budget?.toLocaleString('en-US') ?? 'no limit').join(' → ')
  const text = `API key ${id} may use another number of tokens: ${numbers}.`
  const [old, fresh] = [before ?? Infinity, after ?? Infinity]
  const level = fresh < old || fresh >= old * 10 ? 'warning' : 'note'
  return { level, rule: 'key-budget', text }
}
