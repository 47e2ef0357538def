// Risks of what changes about nodes: which of them Karpenter replaces for it, and which models answer nobody meanwhile.
// A node drifts with NodePool.spec.template and EC2NodeClass.spec; spec.disruption changes no node (Karpenter, Disruption).
import type { NodePoolPlan } from '../../plan/cluster-plan.ts'
import { type ObjectChange, textAt, treeAt } from '../object-changes.ts'
import type { Tree } from '../parse-rendered.ts'
import type { Side } from '../side.ts'
import { minutes, type Risk, type RiskLevel } from './risk.ts'

type Finding = [level: RiskLevel, rule: string, text: (pools: string) => string]

type Rule = (change: ObjectChange) => Finding | undefined

export function nodeRisks(changes: readonly ObjectChange[], after: Side): Risk[] {
  const own = changes.filter(({ kind }) => kind === 'NodePool' || kind === 'EC2NodeClass')
  return [...Map.groupBy(own, ({ cluster }) => cluster)].flatMap(([cluster, changed]) => {
    const where = `${cluster}/node-pools`
    const pools = after.plans.find((plan) => plan.cluster.name === cluster)?.nodePools ?? []
    return [...driftRisks(changed, pools), ...ruleRisks(changed)].map((risk) => ({ ...risk, where }))
  })
}

const namesOf = (changes: readonly ObjectChange[]): string => [...new Set(changes.map(({ name }) => name))].join(', ')

/** The same about several pools is said once. */
function ruleRisks(changes: readonly ObjectChange[]): Omit<Risk, 'where'>[] {
  const found = changes.flatMap((change) =>
    rules.flatMap((rule) => {
      const finding = rule(change)
      return finding === undefined ? [] : [{ change, finding }]
    }),
  )
  const groups = Map.groupBy(found, ({ finding: [level, rule, text] }) => `${level} ${rule} ${text('')}`)
  return [...groups.values()].flatMap((group) => {
    const names = namesOf(group.map(({ change }) => change))
    return group.slice(0, 1).map(({ finding: [level, rule, text] }) => ({ level, rule, text: text(names) }))
  })
}

/** One sentence for all pools whose nodes drift for the same reason. */
function driftRisks(changes: readonly ObjectChange[], pools: readonly NodePoolPlan[]): Omit<Risk, 'where'>[] {
  const byPool = [...Map.groupBy(changes, ({ name }) => name).values()]
  const byCause = Map.groupBy(byPool, (own) => own.flatMap(driftCauses).join(', '))
  byCause.delete('')
  return [...byCause].map(([cause, own]) => {
    const drifting = new Set(own.flat().map(({ name }) => name))
    const names = namesOf(own.flat())
    const away = awayText(pools.filter(({ name }) => drifting.has(name)))
    const text = `${cause}: Karpenter replaces every node of ${names}, one of a pool at a time, each after its replacement is ready. ${away}`
    return { level: 'warning', rule: 'nodes-replaced', text }
  })
}

function driftCauses({ verb, kind, before, after }: ObjectChange): string[] {
  if (verb !== 'changed') return []
  return kind === 'EC2NodeClass' ? nodeClassCauses(before, after) : templateCauses(before, after)
}

const text = (tree: Tree | undefined): string => JSON.stringify(tree) ?? ''

function nodeClassCauses(before: Tree | undefined, after: Tree | undefined): string[] {
  const [old, fresh] = [before, after].map((tree) => /"alias":"([^"]*)"/.exec(text(tree))?.[1])
  const rest = [before, after].map((tree) => text(treeAt(tree, ['spec'])).replace(/"alias":"[^"]*"/, ''))
  return [...(old === fresh ? [] : [`image ${old} → ${fresh}`]), ...(rest[0] === rest[1] ? [] : ['another node class'])]
}

const templateFields = ['expireAfter', 'terminationGracePeriod'] as const

function templateCauses(before: Tree | undefined, after: Tree | undefined): string[] {
  const [old, fresh] = [before, after].map((tree) => treeAt(tree, ['spec', 'template']))
  const named = templateFields.flatMap((field) => {
    const [was, is] = [old, fresh].map((tree) => textAt(tree, ['spec', field]))
    return was === is ? [] : [`${field} ${was} → ${is}`]
  })
  const rest = [old, fresh].map((tree) => text(withoutFields(tree)))
  return [...named, ...(rest[0] === rest[1] && !narrowed(old, fresh) ? [] : ['another template'])]
}

/** Without the fields that are named one by one, and the requirements: a node that still meets them stays. */
function withoutFields(template: Tree | undefined): Tree {
  const [outer, spec] = [template, treeAt(template, ['spec'])].map((tree) => (isMap(tree) ? tree : {}))
  const left = Object.entries(spec ?? {}).filter(([key]) => ![...templateFields, 'requirements'].includes(key))
  return { ...outer, spec: Object.fromEntries(left) }
}

const isMap = (tree: Tree | undefined): tree is { [key: string]: Tree } =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree)

/** A requirement that takes fewer values than before, or is new. */
function narrowed(before: Tree | undefined, after: Tree | undefined): boolean {
  const valuesOf = (template: Tree | undefined) => {
    const list = treeAt(template, ['spec', 'requirements'])
    const rows = (Array.isArray(list) ? list : []).map((one): [string, Tree[]] => {
      const values = treeAt(one, ['values'])
      return [textAt(one, ['key']) ?? '', Array.isArray(values) ? values : []]
    })
    return new Map(rows)
  }
  const [old, fresh] = [valuesOf(before), valuesOf(after)]
  return [...fresh].some(([key, values]) => old.get(key)?.every((value) => values.includes(value)) !== true)
}

/** Slowest first; of what has several pods one leaves at a time, so the others answer. */
function awayText(pools: readonly NodePoolPlan[]): string {
  const alone = pools.flatMap(({ lonePods }) => lonePods).toSorted((a, b) => b.restartSeconds - a.restartSeconds)
  if (alone.length === 0) return 'Nothing there has one pod only.'
  const shown = alone.slice(0, 6).map(({ name, restartSeconds }) => `${name} ${minutes(restartSeconds)}`)
  const more = alone.length > shown.length ? ` and ${alone.length - shown.length} more` : ''
  return `What has one pod is away while it restarts: ${shown.join(', ')}${more}. A second replica answers meanwhile.`
}

const hours = (age: string | undefined): number =>
  age === undefined || age === 'Never' ? Infinity : Number.parseInt(age, 10)

const rules: Rule[] = [
  ({ before, after, kind }) => {
    const [old, fresh] = [before, after].map((tree) => textAt(tree, ['spec', 'template', 'spec', 'expireAfter']))
    if (kind !== 'NodePool' || hours(fresh) >= hours(old)) return undefined
    const text = (pools: string) =>
      `nodes of ${pools} go at the age of ${fresh}, those started together at the same time: no budget holds them and no replacement is started first.`
    return ['caution', 'nodes-expire', text]
  },
  ({ before, after }) => {
    const path = ['spec', 'disruption', 'consolidationPolicy']
    const policy = textAt(after, path)
    if (policy === undefined || policy === 'WhenEmpty' || policy === textAt(before, path)) return undefined
    const text = (pools: string) =>
      `Karpenter moves running pods to pack the nodes of ${pools} (${policy}), at any hour.`
    return ['warning', 'nodes-packed', text]
  },
  ({ before, after, verb }) => {
    const [old, fresh] = [before, after].map((tree) => text(treeAt(tree, ['spec', 'disruption', 'budgets'])))
    if (verb !== 'changed' || old === fresh) return undefined
    return [
      'note',
      'node-budgets',
      (pools) => `other rules say when, and how many at a time, nodes of ${pools} are replaced.`,
    ]
  },
  ({ kind, verb }) => {
    if (kind !== 'NodePool' || verb !== 'removed') return undefined
    const text = (pools: string) =>
      `the nodes of ${pools} go with their pool as soon as Argo CD prunes it: a pod that still runs there ends before its new one is ready.`
    return ['warning', 'node-pool-removed', text]
  },
]
