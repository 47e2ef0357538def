// Every derived number of one model in one cluster.
import { diagnoseModel } from '../diagnostics/diagnose.ts'
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import type { AssumptionName } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import { cpuNodePool } from '../schema/contract.ts'
import type { Image, Images } from '../schema/gateway.ts'
import type { Infra } from '../schema/infra.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'
import { planCost } from './cost.ts'
import { planGpuMemory } from './gpu-memory.ts'
import { checkHostMemory } from './host-memory.ts'
import { checkIdle } from './idle.ts'
import { mirrorImage } from './mirror-image.ts'
import { instancesFor, type Need, type PricedInstance, replicasOn } from './node.ts'
import { needOf, nodeTooLarge } from './node-limit.ts'
import { planResources, type Resources } from './resources.ts'
import { planRollout } from './rollout.ts'
import { planScaling } from './scaling.ts'
import { planSlo } from './slo.ts'
import { planSmoke } from './smoke.ts'
import { planWeights } from './weights.ts'

/** `plan` is undefined when no node can hold a replica. */
export function planModel(
  model: ValidModel,
  cluster: Cluster,
  images: Images,
  infra?: Infra,
): { plan: ModelPlan | undefined; diagnostics: Diagnostic[] } {
  const { settings, lock, engine, version } = model
  const context = contextLength(model, cluster)
  const memory = planGpuMemory(model, cluster, context.maxModelLen)
  const resources = planResources(settings, engine, lock)
  const need = needOf(model, resources)
  const found = chooseNode(need, cluster)
  const diagnostics = [
    ...context.diagnostics,
    ...memory.diagnostics,
    ...(found === undefined ? [] : nodeTooLarge(model, cluster, need, found.instance, context.maxModelLen)),
    ...checkHostMemory(model, cluster, resources),
  ]
  const image = imageOf(model, images, cluster.mirrors.images)
  if (found === undefined || image === undefined)
    return { plan: undefined, diagnostics: [...diagnostics, ...noInstance(model, cluster, need, resources)] }
  const node = { ...found, need, replicasPerNode: replicasOn(found.instance, need) }
  const { scaling, derivations: scalingDerivations } = planScaling(model)
  const { cost, derivation: costDerivation } = planCost(node, cluster.region, node.replicasPerNode, {
    min: scaling.minReplicas,
    max: scaling.maxReplicas,
  })
  const { rollout, derivations: rolloutDerivations } = planRollout(model, cluster, node)
  const { slo, derivations: sloDerivations, diagnostics: sloProblems } = planSlo(model, cluster, rollout)
  const { weights, derivation: weightsDerivation } = planWeights(model, cluster, infra)
  const { accelerator } = settings
  const plan: ModelPlan = {
    name: model.name,
    source: model.source,
    lock,
    settings,
    engine,
    version,
    image,
    maxModelLen: context.maxModelLen,
    fit: memory.fit,
    gpu: accelerator && { kind: accelerator.type, count: accelerator.count, capacity: accelerator.capacity },
    nodePool: accelerator?.type ?? cpuNodePool,
    node,
    resources: {
      cpu: resources.cpu,
      memory: resources.memory,
      ephemeralStorage: `${resources.ephemeralGib}Gi`,
      sharedMemoryMib: resources.sharedMemoryMib,
      weightsVolumeGib: resources.weightsVolumeGib,
      cacheVolumeGib: resources.cacheVolumeGib,
    },
    scaling,
    weights,
    rollout,
    cost,
    traces: tracesOf(model, cluster),
    slo,
    smoke: planSmoke(model, rollout, context.maxModelLen),
    derivations: () => ({
      maxModelLen: context.derivation,
      ...memory.derivations(),
      node: nodeDerivation(node, resources.because.memory),
      ...resourceDerivations(resources),
      ...scalingDerivations(),
      ...rolloutDerivations(),
      ...sloDerivations(),
      weightsThroughNat: weightsDerivation(),
      cost: costDerivation(),
    }),
  }
  // How long a start takes can be said of a model that can start.
  const idle = diagnostics.some(isError) ? [] : checkIdle(model, cluster, plan)
  return { plan, diagnostics: [...diagnostics, ...sloProblems, ...idle, ...overBudget(model, cluster, plan)] }
}

function contextLength(model: ValidModel, cluster: Cluster) {
  const { lock, settings, engine } = model
  const longest = lock.maxPositionEmbeddings
  const wanted = settings.engine.maxModelLen
  const tooLong =
    wanted !== undefined && longest > 0 && wanted > longest
      ? [
          diagnoseModel(
            model,
            cluster,
            'CONTEXT_EXCEEDS_MODEL',
            ['engine', 'maxModelLen'],
            `maxModelLen is ${wanted}, the model was made for ${longest}`,
            `write maxModelLen: ${longest} or less`,
          ),
        ]
      : []
  const maxModelLen = wanted ?? longest
  const derivation: Derivation = {
    value: `${maxModelLen} tokens`,
    because:
      wanted === undefined
        ? 'maxPositionEmbeddings of the lock'
        : `engine.maxModelLen of the file (${engine.name}; the model allows ${longest})`,
    assumptions: [],
  }
  return { maxModelLen, derivation, diagnostics: tooLong }
}

function tracesOf({ engine, version }: ValidModel, { telemetry }: Cluster): ModelPlan['traces'] {
  const { traces } = engine
  if (traces === undefined || telemetry?.engines !== true || !(traces.flag in (version.flags ?? {}))) return undefined
  return { ...traces, endpoint: telemetry.otlpEndpoint }
}

/** Within the limit of the kind; where no such node holds a replica there is an error, and the plan goes on with the smallest. */
const chooseNode = (need: Need, { region, gpu }: Cluster): PricedInstance | undefined =>
  instancesFor(need, { region, gpuLimit: need.kind && gpu.maxGpus[need.kind] })[0] ??
  instancesFor(need, { region }).sort((a, b) => a.instance.gpus - b.instance.gpus)[0]

const describeNeed = ({ kind, gpus, cpus, memoryGib, diskGib }: Need): string =>
  `${kind === undefined ? '' : `${gpus} × ${kind}, `}${cpus} vCPU, ${memoryGib} GiB memory, ${diskGib} GiB disk`

const noInstance = (model: ValidModel, cluster: Cluster, need: Need, { hostMemory }: Resources): Diagnostic[] => [
  diagnoseModel(
    model,
    cluster,
    'NO_INSTANCE_FITS',
    need.kind === undefined ? ['resources'] : ['accelerator'],
    `no instance offers ${describeNeed(need)} to one replica`,
    hostMemory.length > 0
      ? `write smaller values for ${hostMemory.map(({ flag }) => flag).join(', ')}; instances: generators/schema/accelerators.ts`
      : 'write a smaller accelerator.count or smaller resources; instances: generators/schema/accelerators.ts',
  ),
]

const nodeDerivation = ({ instance, need, replicasPerNode }: ModelPlan['node'], memory: string): Derivation => ({
  value: instance.type,
  because: `cheapest instance with ${describeNeed(need)}; holds ${replicasPerNode}`,
  assumptions: [...(memory === 'resources.memory' ? [] : hostMemoryAssumptions), 'ephemeralMarginGib'],
})

const hostMemoryAssumptions: AssumptionName[] = ['engineHostMemoryGib', 'hostMemoryPerWeight']

const resourceDerivations = ({ cpu, memory, ephemeralGib, because }: Resources): Record<string, Derivation> => ({
  cpu: { value: cpu, because: because.cpu, assumptions: [] },
  memory: {
    value: memory,
    because: because.memory,
    assumptions: because.memory === 'resources.memory' ? [] : hostMemoryAssumptions,
  },
  ephemeralStorage: { value: `${ephemeralGib}Gi`, because: because.disk, assumptions: ['ephemeralMarginGib'] },
})

function imageOf({ version, settings }: ValidModel, images: Images, mirror: string | undefined): Image | undefined {
  const image = version.image(settings.accelerator?.type)
  if (image === 'modelServer' || image === undefined) return image && images.modelServer
  return mirrorImage(image, mirror)
}

function overBudget(model: ValidModel, cluster: Cluster, { cost, scaling }: ModelPlan): Diagnostic[] {
  const limit = model.settings.budget?.maxMonthlyUsd
  if (limit === undefined || cost.maxMonthlyUsd <= limit) return []
  const message = `${scaling.maxReplicas} replicas cost $${Math.ceil(cost.maxMonthlyUsd)} a month, the budget is $${limit}`
  return [
    diagnoseModel(
      model,
      cluster,
      'BUDGET_EXCEEDED',
      ['budget', 'maxMonthlyUsd'],
      message,
      `write a smaller scaling.maxReplicas, or maxMonthlyUsd: ${Math.ceil(cost.maxMonthlyUsd)}`,
    ),
  ]
}
