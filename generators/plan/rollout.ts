// How a new version replaces the old one: surge or not, and every time limit on the way.
import type { Engine } from '../engines/engine.ts'
import { accelerators } from '../schema/accelerators.ts'
import { type AssumptionName, assumptions } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import { streamSeconds } from '../schema/contract.ts'
import type { ModelSettings } from '../schema/model.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { ColdStart, Derivation, ModelPlan } from './cluster-plan.ts'
import { nodesFor } from './cost.ts'

const value = (name: AssumptionName): number => assumptions[name].value
const upTo10 = (seconds: number): number => Math.ceil(seconds / 10) * 10
const megabyte = 1e6

export interface RolloutPlan {
  rollout: ModelPlan['rollout']
  derivations(): Record<string, Derivation>
}

/**
 * A surge needs the nodes for one replica more than the model may have anyway: none more when a node has room left. CPU nodes are always
 * there to be had.
 */
function planSurge(
  { accelerator, scaling: { maxReplicas } }: ModelSettings,
  cluster: Cluster,
  { instance, replicasPerNode }: ModelPlan['node'],
): { surge: boolean; because: string } {
  if (accelerator === undefined) return { surge: true, because: 'CPU pods start beside the old ones' }
  const limit = cluster.gpu.maxGpus[accelerator.type] ?? 0
  const nodes = nodesFor(maxReplicas + 1, replicasPerNode)
  const needed = nodes * instance.gpus
  const sum = `${maxReplicas} + 1 replicas need ${nodes} × ${instance.type} with ${needed} ${accelerator.type}, the cluster may have ${limit}`
  return {
    surge: needed <= limit,
    because: `${sum}: ${needed <= limit ? 'a new pod starts first' : 'one by one, an old pod goes first'}`,
  }
}

/** The usual and the slowest start; T4s have no kernels of their own for most of what vLLM does. */
function startNames({ accelerator }: ModelSettings, { hasKvCache }: Engine) {
  if (!hasKvCache) return { start: 'smallEngineStartSeconds', slowest: 'slowestSmallEngineStartSeconds' } as const
  const isOld = accelerator !== undefined && Number(accelerators[accelerator.type].computeCapability) < 8
  return isOld
    ? ({ start: 'oldGpuEngineStartSeconds', slowest: 'oldGpuEngineStartSeconds' } as const)
    : ({ start: 'engineStartSeconds', slowest: 'slowestEngineStartSeconds' } as const)
}

/** How fast weights arrive, and whether the engine itself brings them. */
const downloadOf = ({ weights }: ModelSettings) =>
  ({
    speed: weights?.source === 's3' ? 's3DownloadMbps' : 'hubDownloadMbps',
    streamed: weights?.load === 'stream',
  }) as const

export function planRollout(
  { settings, engine, version, lock }: ValidModel,
  cluster: Cluster,
  node: ModelPlan['node'],
): RolloutPlan {
  const onGpu = settings.accelerator !== undefined
  const names = {
    boot: onGpu ? 'gpuNodeBootSeconds' : 'cpuNodeBootSeconds',
    pull: onGpu ? 'imagePullSeconds' : 'cpuImagePullSeconds',
    ...startNames(settings, engine),
  } as const
  const { speed, streamed } = downloadOf(settings)
  const transfer = settings.bundled ? 0 : lock.weightBytes / megabyte / value(speed)
  const download = streamed ? 0 : transfer
  // What is streamed goes from S3 into GPU memory, at the slower of both.
  const load = Math.max(lock.weightBytes / megabyte / value('weightLoadMbps'), streamed ? transfer : 0)
  const startupSeconds = upTo10(value('startupSafetyFactor') * (load + value(names.slowest)))
  const coldStart: ColdStart = {
    node: value(names.boot),
    image: value(names.pull),
    weights: Math.round(download + load),
    engine: value(names.start),
  }
  const coldStartSeconds = coldStart.node + coldStart.image + coldStart.weights + coldStart.engine
  const restartSeconds = coldStartSeconds - coldStart.node
  const arrival = value(names.boot) + value(names.pull) + download
  const progressDeadlineSeconds = upTo10(value('progressDeadlineMargin') * (arrival + startupSeconds))
  const preStopSeconds = value('preStopSeconds')
  // An engine that cannot be asked to drain ends when it likes; the preStop sleep is all that protects its requests.
  // Pods are scaled down at any hour, also those that stream. The same for fixed models, whose pods would restart when they become autoscaled.
  const drainSeconds = version.drains ? streamSeconds : 0
  const { maxReplicas } = settings.scaling
  const terminationGraceSeconds = preStopSeconds + drainSeconds + value('graceMarginSeconds')
  const nodeDrainSeconds = Math.round(maxReplicas * (arrival + startupSeconds)) + terminationGraceSeconds
  const surge = planSurge(settings, cluster, node)
  const derive = (amount: string, because: string, used: AssumptionName[]): Derivation => ({
    value: amount,
    because,
    assumptions: used.filter((name) => assumptions[name].kind === 'assumed'),
  })
  return {
    rollout: {
      surge: surge.surge,
      startupSeconds,
      progressDeadlineSeconds,
      preStopSeconds,
      drainSeconds,
      terminationGraceSeconds,
      coldStart,
      coldStartSeconds,
      restartSeconds,
      nodeDrainSeconds,
    },
    derivations: () => ({
      surge: derive(String(surge.surge), surge.because, []),
      startupSeconds: derive(
        `${startupSeconds} s`,
        `${value('startupSafetyFactor')} × (${load.toFixed(1)} s to load ${(lock.weightBytes / 1e9).toFixed(2)} GB + ${value(names.slowest)} s, the slowest start seen)`,
        ['startupSafetyFactor', 'weightLoadMbps', names.slowest],
      ),
      progressDeadlineSeconds: derive(
        `${progressDeadlineSeconds} s`,
        `${value('progressDeadlineMargin')} × (${value(names.boot)} s node + ${value(names.pull)} s image + ${download.toFixed(1)} s download + ${startupSeconds} s startup)`,
        ['progressDeadlineMargin', names.boot, names.pull, speed, names.slowest],
      ),
      terminationGraceSeconds: derive(
        `${terminationGraceSeconds} s`,
        `${preStopSeconds} s preStop + ${drainSeconds} s drain, the longest stream, + ${value('graceMarginSeconds')} s margin; a pod ends with its last request`,
        [],
      ),
      coldStartSeconds: derive(
        `${coldStartSeconds} s`,
        `${coldStart.node} s node + ${coldStart.image} s image + ${coldStart.weights} s weights (${streamed ? 'streamed from S3' : 'download, load'}) + ${coldStart.engine} s engine, one after the other${engine.hasKvCache ? '; every pod compiles anew, since no cache of a node may be mounted (Pod Security: restricted)' : ''}`,
        [names.boot, names.pull, speed, 'weightLoadMbps', names.start],
      ),
      restartSeconds: derive(
        `${restartSeconds} s`,
        'the cold start without the node: how long a lone pod is away when its node is patched',
        [names.pull, speed, 'weightLoadMbps', names.start],
      ),
      nodeDrainSeconds: derive(
        `${nodeDrainSeconds} s`,
        `maxReplicas ${maxReplicas} × ${Math.round(arrival + startupSeconds)} s, a new node and the whole startup budget, one after another, + ${terminationGraceSeconds} s grace; a node may drain for longer`,
        [names.boot, names.pull, speed, 'weightLoadMbps', names.slowest],
      ),
    }),
  }
}
