// Plans the model files for one machine without a cluster: base fields, what can run there, and where the others would run.
import type { Engine } from '../engines/engine.ts'
import { engines } from '../engines/index.ts'
import { descriptionAnnotation } from '../schema/contract.ts'
import type { Task } from '../schema/tasks.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { CatalogueModel, ValidRepository } from '../validate/repository.ts'
import type { ClusterPlan, ModelPlan } from './cluster-plan.ts'
import { discoveryAnnotations, tenantJson } from './discovery.ts'

/** Where a model runs in a cluster, for people. */
export interface Place {
  cluster: string
  instance: string
  /** GPUs of a replica, as `1 × l4`. */
  gpu?: string
  /** One replica; a GPU node is paid whole. */
  usdPerHour: number
  /** At the price of another region. */
  estimated: boolean
}

/** What starts the model's server here: a folder of the repository, or a pinned revision of the Hub. */
export type Weights = { folder: string } | { id: string; revision: string | undefined }

export interface MachineModel {
  name: string
  /** Hub id, or folder of a bundled model. */
  id: string
  /** Further names that clients may send. */
  aliases: readonly string[]
  annotations: Record<string, string>
  engine: string
  maxModelLen: number
  /** Absent: it cannot run here. */
  weights?: Weights
  /** Why it cannot run here, or what it needs first; empty when nothing is in the way. */
  reason: string
  /** What it lacks here in a word or two, as `1 × l4`. */
  lacks: string
  /** Its tokenizer has a chat template. */
  chats: boolean
  places: readonly Place[]
}

export interface MachinePlan {
  models: MachineModel[]
  tenants: { name: string; claims: Tenant['claims']; models?: readonly string[]; json: string }[]
}

export function planMachine(repository: ValidRepository, plans: readonly ClusterPlan[]): MachinePlan {
  return {
    models: repository.catalogue.map((model) => planModelHere(model, placesOf(model.name, plans))),
    tenants: repository.tenants.map(({ tenant }) => ({
      name: tenant.name,
      claims: tenant.claims,
      models: tenant.models,
      json: tenantJson(tenant),
    })),
  }
}

function placesOf(name: string, plans: readonly ClusterPlan[]): Place[] {
  return plans.flatMap(({ cluster, models }) =>
    models
      .filter((model) => model.name === name)
      .map((model) => ({
        cluster: cluster.name,
        instance: model.node.instance.type,
        gpu: gpuText(model.gpu?.count, model.gpu?.kind),
        usdPerHour: model.cost.usdPerHour,
        estimated: model.cost.estimated,
      })),
  )
}

const gpuText = (count: number | undefined, kind: ModelPlan['nodePool'] | undefined): string | undefined =>
  count === undefined ? undefined : `${count} × ${kind ?? 'GPU'}`

/** The engine whose program is part of this repository; the others are container images for Linux servers. */
const runsHere = (engine: Engine): boolean =>
  engine.versions.some((version) => version.image(undefined) === 'modelServer')

/** There as long as the run. */
const oneServer = { minReplicas: 1, maxReplicas: 1 }

function planModelHere({ name, lock, settings }: CatalogueModel, places: readonly Place[]): MachineModel {
  const engine = engines.find((one) => one.name === settings.engine.name)
  const here = engine !== undefined && runsHere(engine) && settings.accelerator === undefined
  const maxModelLen = Math.max(1, settings.engine.maxModelLen ?? lock.maxPositionEmbeddings)
  const weights: Weights | undefined = !here
    ? undefined
    : settings.bundled
      ? { folder: settings.model }
      : { id: settings.model, revision: settings.revision }
  const annotations = discoveryAnnotations({
    name,
    settings: { ...settings, task: settings.task ?? 'text-generation' },
    engine: engine ?? { name: settings.engine.name ?? 'none', api: 'openai', hasKvCache: false },
    maxModelLen,
    scaling: oneServer,
    cost: { usdPerHour: here ? 0 : (places[0]?.usdPerHour ?? 0) },
  })
  if (settings.description !== undefined) annotations[descriptionAnnotation] = settings.description
  return {
    name,
    id: settings.model,
    aliases: settings.aliases,
    annotations,
    engine: settings.engine.name ?? 'none',
    maxModelLen,
    weights,
    ...obstacle(name, settings, weights, places),
    chats: lock.hasChatTemplate,
    places,
  }
}

function obstacle(
  name: string,
  { engine, accelerator }: CatalogueModel['settings'],
  weights: Weights | undefined,
  places: readonly Place[],
): Pick<MachineModel, 'reason' | 'lacks'> {
  if (weights !== undefined && 'folder' in weights) return { reason: '', lacks: '' }
  if (weights !== undefined)
    return { reason: `its files are fetched when asked for: npm start -- --model ${name}`, lacks: 'its files' }
  const runsIn = places.map(({ cluster, instance }) => `in ${cluster} on ${instance}`).join(', ')
  const elsewhere = runsIn === '' ? 'not on this machine' : `not on this machine, but ${runsIn}`
  const gpu = gpuText(accelerator?.count, accelerator?.type)
  if (gpu !== undefined) return { reason: `needs ${gpu} and the engine ${engine.name}: ${elsewhere}`, lacks: gpu }
  if (engine.name === undefined)
    return { reason: `names an engine for its clusters alone: ${elsewhere}`, lacks: 'an engine' }
  return { reason: `needs the engine ${engine.name}: ${elsewhere}`, lacks: engine.name }
}

/** A model directory outside of the repository: what its own files say is all there is. */
export function directoryAnnotations(name: string, task: Task, maxModelLen: number): Record<string, string> {
  const engine = engines.find(runsHere)
  if (engine === undefined) throw new Error('no engine runs here')
  return discoveryAnnotations({
    name,
    settings: { model: name, task, aliases: [], timeouts: {} },
    engine,
    maxModelLen,
    scaling: oneServer,
    cost: { usdPerHour: 0 },
  })
}
