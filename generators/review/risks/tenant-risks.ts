// Risks of tenants: a model that goes while somebody still counts on it, lower limits, keys.
import type { ModelRow } from '../model-rows.ts'
import type { Side } from '../side.ts'
import type { SourceChange } from '../source-changes.ts'
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

export function limitRisks(changes: readonly SourceChange[]): Risk[] {
  return changes.flatMap(({ file, pointer, before, after }) => {
    if (!file.startsWith('apps/tenants/')) return []
    if (pointer[0] === 'limits' && typeof before === 'number' && typeof after === 'number' && after < before) {
      const text = `${pointer.join('.')} goes down: ${before} → ${after}. Requests beyond it get 429.`
      return [{ level: 'warning' as const, rule: 'lower-limit', where: file, text }]
    }
    if (pointer[0] === 'claims') {
      const text = 'other tokens are taken for this tenant from now on.'
      return [{ level: 'warning' as const, rule: 'tenant-claims', where: file, text }]
    }
    return []
  })
}
