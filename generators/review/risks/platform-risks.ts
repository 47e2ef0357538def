// Risks of what changes at AWS: resources that go or are replaced, inputs that open something, and what is left for a person.
import type { Position } from '../../diagnostics/diagnostic.ts'
import type { ResourceFinding } from '../platform/input-rule.ts'
import { fixedInputs, type ResourceChange } from '../platform/resource-changes.ts'
import { inputFindings, openedBy } from '../platform/resource-rules.ts'
import { typeRow } from '../platform/resource-types.ts'
import type { SourceChange } from '../source-changes.ts'
import type { Risk } from './risk.ts'

/** What the recorded platforms of both sides say; `undefined`: nothing that reaches them differs. */
export interface PlatformComparison {
  changes: readonly ResourceChange[]
  /** Files of the program that differ, with the first line. */
  code: readonly Position[]
  /** Why the two could not be compared. */
  problem?: string
}

export function platformRisks(platform: PlatformComparison | undefined, sources: readonly SourceChange[]): Risk[] {
  if (platform === undefined) return []
  const [first] = platform.code
  if (platform.problem !== undefined) {
    const where = first === undefined ? 'platform' : `${first.file}:${first.line}`
    return [
      {
        level: 'warning',
        rule: 'platform-unjudged',
        where,
        text: `what AWS would change is not judged here: ${platform.problem}.`,
      },
    ]
  }
  return [...Map.groupBy(platform.changes, ({ cluster }) => cluster)].flatMap(([cluster, own]) => {
    const fields = own.flatMap((change) => change.fields)
    const causes = resourceCauses({ cluster, fields }, platform, sources)
    const where = causes[0] === undefined ? cluster : `${causes[0].file}:${causes[0].line}`
    const findings = [...comings(own), ...(byFields(platform, sources) ? [] : own.flatMap(inputs)), ...left(own)]
    return grouped(findings).map(([level, rule, text]) => ({ level, rule, where, text: `${cluster}: ${text}` }))
  })
}

/**
 * The program where it differs; else the fields of the cluster file, those first whose value is among what changes at AWS; else tenants.
 */
export function resourceCauses(
  { cluster, fields }: Pick<ResourceChange, 'cluster' | 'fields'>,
  platform: PlatformComparison | undefined,
  sources: readonly SourceChange[],
): readonly Position[] {
  if (platform !== undefined && platform.code.length > 0) return platform.code.slice(0, 3)
  const own = sources.filter(({ file }) => file === `clusters/${cluster}/cluster.yaml`)
  const values = fields.flatMap(({ before, after }) => [before, after]).join(' ')
  const named = own.filter((change) => [change.before, change.after].some((value) => isIn(value, values)))
  const others = sources.filter(({ file }) => file.startsWith('apps/tenants/'))
  const found = [named, own, others].find((some) => some.length > 0) ?? []
  return found.slice(0, 3).map(({ position }) => position)
}

const isIn = (value: unknown, text: string): boolean =>
  value !== undefined && typeof value !== 'boolean' && leaves(value).some((leaf) => text.includes(leaf))

const leaves = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)]

/** What a cluster file opens its own fields say (generators/review/fields); the program’s changes nobody else judges. */
const byFields = ({ code }: PlatformComparison, sources: readonly SourceChange[]): boolean =>
  code.length === 0 && sources.length > 0

const nameOf = ({ type, name }: ResourceChange): string => `${typeRow(type)?.what ?? type} \`${name}\``

const few = (changes: readonly ResourceChange[]): string => {
  const [first] = changes
  if (first === undefined) return ''
  return changes.length === 1
    ? nameOf(first)
    : `${changes.length} × ${typeRow(first.type)?.what ?? first.type} (\`${first.name}\`, …)`
}

/** Resources of one type that go or are replaced are one sentence. */
function comings(changes: readonly ResourceChange[]): ResourceFinding[] {
  const going = changes.filter(({ verb }) => verb === 'removed' || verb === 'replaced')
  const groups = Map.groupBy(going, ({ verb, type }) => `${verb} ${type}`)
  return [...groups.values()].map((own): ResourceFinding => {
    const [{ verb, type, fields }] = own as [ResourceChange, ...ResourceChange[]]
    const [level, text] = typeRow(type)?.lost ?? ['caution', 'no rule knows what that means']
    if (verb === 'removed') return [level, 'resource-removed', `${few(own)} goes: ${text}.`]
    const fixed = fixedInputs(type, fields)
    const why = fixed.length === 0 ? 'it moves to another region' : `AWS cannot change \`${fixed.join(', ')}\``
    return [level, 'resource-replaced', `${few(own)} is replaced by another one (${why}): until it is there, ${text}.`]
  })
}

function inputs(change: ResourceChange): ResourceFinding[] {
  const opened = change.verb === 'added' ? openedBy(change) : undefined
  return [...(opened === undefined ? [] : [opened]), ...inputFindings(change)].map(([level, rule, text]) => [
    level,
    rule,
    `${nameOf(change)}: ${text}.`,
  ])
}

/** What changes in place, and no rule has a word for. */
function left(changes: readonly ResourceChange[]): ResourceFinding[] {
  const silent = changes.filter((change) => change.verb === 'changed' && inputFindings(change).length === 0)
  const types = [...new Set(silent.map(({ type }) => typeRow(type)?.what ?? type))]
  if (silent.length === 0) return []
  const text = `${silent.length === 1 ? '1 resource changes' : `${silent.length} resources change`} in place: ${types.slice(0, 4).join(', ')}. The list below says how.`
  return [['note', 'resources-changed', text]]
}

/** The same sentence once. */
const grouped = (findings: readonly ResourceFinding[]): ResourceFinding[] => [
  ...new Map(findings.map((one) => [one.join(' '), one])).values(),
]
