// One row per model and cluster that changes: what it is before and after, and whether its pods restart.
import type { ClusterPlan, Fit, ModelPlan } from '../plan/cluster-plan.ts'
import { type ObjectChange, treeAt } from './object-changes.ts'
import type { Side } from './side.ts'

/** `estimated`: at prices of another region, since those of the cluster’s are not known. */
export interface MonthlyUsd {
  min: number
  max: number
  estimated?: true
}

/** One model in one cluster as the planner sees it. Money: US dollars a month, on demand. */
export interface Facts {
  pods: { min: number; max: number }
  /** `count`: GPUs of one replica. */
  gpu?: { kind: string; count: number }
  monthlyUsd: MonthlyUsd
  maxModelLen: number
  fit?: Fit
  /** Its parts, in seconds. */
  coldStart: ModelPlan['rollout']['coldStart']
  coldStartSeconds: number
  /** What each start of a pod fetches through NAT. */
  throughNat: { bytes: number; usd: number }
  engine: string
  revision: string
}

/** `invalid`: synth refuses it, so nothing can be said. */
export type Verb = 'added' | 'removed' | 'renamed' | 'moved' | 'rolled' | 'scaled' | 'changed' | 'invalid'

export interface ModelRow {
  model: string
  cluster: string
  /** Never empty; only rolled, scaled and changed come together. */
  verbs: Verb[]
  /** Name before a rename, cluster before a move. */
  from?: string
  before?: Facts
  after?: Facts
  /** How pods are replaced; undefined: they are not. `surge`: a new pod first; `one by one`: an old pod goes first. */
  rollout?: 'surge' | 'one by one'
  plan?: { before?: ModelPlan; after?: ModelPlan }
}

export function factsOf(plan: ModelPlan): Facts {
  const { scaling, cost, gpu, fit } = plan
  return {
    pods: { min: scaling.minReplicas, max: scaling.maxReplicas },
    ...(gpu === undefined ? {} : { gpu: { kind: gpu.kind, count: gpu.count } }),
    monthlyUsd: { min: cost.minMonthlyUsd, max: cost.maxMonthlyUsd, ...(cost.estimated && { estimated: true }) },
    maxModelLen: plan.maxModelLen,
    ...(fit === undefined ? {} : { fit }),
    coldStart: plan.rollout.coldStart,
    coldStartSeconds: plan.rollout.coldStartSeconds,
    throughNat: { bytes: plan.weights.natBytes, usd: plan.weights.natUsd },
    engine: `${plan.engine.name} ${plan.version.version}`,
    revision: 'revision' in plan.lock ? plan.lock.revision : plan.lock.sha256,
  }
}

const modelsOf = (plans: readonly ClusterPlan[]): Map<string, ModelPlan> =>
  new Map(plans.flatMap(({ cluster, models }) => models.map((model) => [`${cluster.name}/${model.name}`, model])))

/** By cluster, then by name. */
export function modelRows(before: Side, after: Side, objects: readonly ObjectChange[]): ModelRow[] {
  const [old, fresh] = [modelsOf(before.plans), modelsOf(after.plans)]
  const touched = Map.groupBy(
    objects.filter(({ app }) => app.startsWith('model-')),
    ({ cluster, app }) => `${cluster}/${app.slice('model-'.length)}`,
  )
  const keys = new Set([...touched.keys(), ...old.keys(), ...fresh.keys()])
  const rows = [...keys].sort().flatMap((key) => {
    const [cluster = '', model = ''] = key.split('/')
    return rowOf({ model, cluster, before: old.get(key), after: fresh.get(key) }, touched.get(key) ?? [], after) ?? []
  })
  return withMoves(withRenames(rows))
}

interface Pair {
  model: string
  cluster: string
  before: ModelPlan | undefined
  after: ModelPlan | undefined
}

function rowOf(
  { model, cluster, before, after }: Pair,
  objects: readonly ObjectChange[],
  side: Side,
): ModelRow | undefined {
  const row = {
    model,
    cluster,
    plan: { ...(before && { before }), ...(after && { after }) },
    ...(before && { before: factsOf(before) }),
    ...(after && { after: factsOf(after) }),
  }
  if (after === undefined) return { ...row, verbs: [side.runs(model, cluster) ? 'invalid' : 'removed'] }
  if (before === undefined) return { ...row, verbs: ['added'] }
  const verbs = changeVerbs(row.before, row.after, objects)
  if (verbs.length === 0) return undefined
  return { ...row, verbs, ...(verbs.includes('rolled') && { rollout: after.rollout.surge ? 'surge' : 'one by one' }) }
}

function changeVerbs(before: Facts | undefined, after: Facts | undefined, objects: readonly ObjectChange[]): Verb[] {
  const rolled = objects.some(podTemplateChanged)
  const scaled = JSON.stringify(before?.pods) !== JSON.stringify(after?.pods)
  const changed = objects.length > 0 || JSON.stringify(before) !== JSON.stringify(after)
  if (!rolled && !scaled) return changed ? ['changed'] : []
  return [...(rolled ? (['rolled'] as const) : []), ...(scaled ? (['scaled'] as const) : [])]
}

/** Any other pod template makes a new ReplicaSet, and so new pods. */
const podTemplateChanged = ({ kind, before, after }: ObjectChange): boolean =>
  kind === 'Deployment' &&
  before !== undefined &&
  after !== undefined &&
  JSON.stringify(treeAt(before, ['spec', 'template'])) !== JSON.stringify(treeAt(after, ['spec', 'template']))

const sameWeights = (a: Facts | undefined, b: Facts | undefined): boolean =>
  a !== undefined && a.revision === b?.revision

/** A removed and an added model with the same weights in the same cluster are one that got another name. */
function withRenames(rows: readonly ModelRow[]): ModelRow[] {
  const gone = new Set<ModelRow>()
  const renamed = rows.map((row): ModelRow => {
    if (row.verbs[0] !== 'added') return row
    const old = rows.find(
      (one) =>
        one.verbs[0] === 'removed' &&
        one.cluster === row.cluster &&
        !gone.has(one) &&
        sameWeights(one.before, row.after),
    )
    if (old?.before === undefined) return row
    gone.add(old)
    return {
      ...row,
      verbs: ['renamed'],
      from: old.model,
      before: old.before,
      plan: { ...row.plan, ...(old.plan?.before && { before: old.plan.before }) },
    }
  })
  return renamed.filter((row) => !gone.has(row))
}

/** The same name removed in one cluster and added in another; both rows stay, for each cluster has its own bill. */
function withMoves(rows: readonly ModelRow[]): ModelRow[] {
  return rows.map((row) => {
    if (row.verbs[0] !== 'added') return row
    const old = rows.filter((one) => one.verbs[0] === 'removed' && one.model === row.model)
    const [only] = old
    return old.length === 1 && only !== undefined ? { ...row, verbs: ['moved'], from: only.cluster } : row
  })
}
