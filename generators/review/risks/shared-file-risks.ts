// Risks of whole files that come or go, beside models and tenants: clusters, add-ons, what all models share.
import type { SourceChange } from '../source-changes.ts'
import type { Risk, RiskLevel } from './risk.ts'

interface FileRule {
  files: RegExp
  added: [level: RiskLevel, rule: string, text: (name: string) => string]
  removed: [level: RiskLevel, rule: string, text: (name: string) => string]
}

const rules: readonly FileRule[] = [
  {
    files: /^clusters\/([^/]+)\/cluster\.yaml$/,
    added: ['note', 'cluster-added', (name) => `cluster ${name} is new: its platform costs before it serves anybody.`],
    removed: [
      'caution',
      'cluster-removed',
      (name) =>
        `cluster ${name} goes from Git: what runs there stays, and nobody updates it. Take its platform down first.`,
    ],
  },
  {
    files: /^apps\/addons\/([^/]+)\.yaml$/,
    added: [
      'warning',
      'addon-added',
      (name) => `add-on ${name} is installed in every cluster; what its chart renders is not in this diff.`,
    ],
    removed: [
      'caution',
      'addon-removed',
      (name) => `add-on ${name} goes from every cluster, with all that it does there.`,
    ],
  },
  {
    files: /^(?:apps\/(gateway|images)\.yaml|clusters\/([^/]+)\/infra\.json)$/,
    added: ['note', 'file-added', () => 'the file is new.'],
    removed: ['caution', 'file-removed', () => 'synth needs the file and renders nothing without it.'],
  },
]

export function sharedFileRisks(changes: readonly SourceChange[]): Risk[] {
  return changes.flatMap(({ file, pointer, after }) => {
    if (pointer.length > 0) return []
    const found = rules.map((rule) => ({ rule, name: rule.files.exec(file)?.slice(1).find(Boolean) }))
    const { rule, name } = found.find((one) => one.name !== undefined) ?? {}
    if (rule === undefined || name === undefined) return []
    const [level, id, text] = after === undefined ? rule.removed : rule.added
    return [{ level, rule: id, where: file, text: text(name) }]
  })
}
