// Risks of tenants as a whole: one that comes or goes, and a model that goes while a tenant still names it.
import type { ModelRow } from '../model-rows.ts'
import type { Side } from '../side.ts'
import { isMap, type SourceChange } from '../source-changes.ts'
import type { Risk } from './risk.ts'

/** Models that run nowhere any more, and tenants whose `models` name them. */
export function removedModelRisks(rows: readonly ModelRow[], after: Side): Risk[] {
  const left = new Set(after.repository.models.map(({ name }) => name))
  const gone = [...new Set(rows.flatMap(({ verbs, model, from }) => (verbs[0] === 'renamed' ? [from ?? ''] : [model])))]
  return gone
    .filter((name) => name !== '' && !left.has(name) && !after.repository.broken.has(`apps/models/${name}.yaml`))
    .flatMap((name) =>
      after.repository.tenants.flatMap(({ file }) => {
        const models = listOf(file.value, 'models')
        const index = models.indexOf(name)
        if (index < 0) return []
        const { line, column } = file.position(['models', index])
        const text = `model ${name} goes, but this tenant names it at ${file.path}:${line}:${column}: its requests get 404.`
        return [{ level: 'caution' as const, rule: 'tenant-names-removed-model', where: file.path, text }]
      }),
    )
}

const listOf = (value: unknown, key: string): unknown[] => {
  const list = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  return Array.isArray(list) ? list : []
}

/** A tenant is its file: without it its tokens and keys are nobody’s. */
export function tenantFileRisks(changes: readonly SourceChange[]): Risk[] {
  return changes.flatMap(({ file, pointer, before, after }): Risk[] => {
    const name = /^apps\/tenants\/([^/]+)\.yaml$/.exec(file)?.[1]
    if (name === undefined || pointer.length > 0) return []
    if (after === undefined) {
      const keys = listOf(before, 'apiKeys').length
      const what = keys === 0 ? 'its tokens' : `its tokens and ${keys === 1 ? 'its API key' : `its ${keys} API keys`}`
      return [
        { level: 'caution', rule: 'tenant-removed', where: file, text: `tenant ${name} goes: ${what} are refused.` },
      ]
    }
    const models = isMap(after) && Array.isArray(after.models) ? `${after.models.length} models` : 'every model'
    const text = `tenant ${name} is new: tokens with its claims may use ${models}.`
    return [{ level: 'warning', rule: 'tenant-added', where: file, text }]
  })
}
