// The arrow between plan and render: every derived number, with where it came from.
import type { Engine, EngineVersion } from '../engines/engine.ts'
import type { SourceFile } from '../load/source-file.ts'
import type { AcceleratorKind } from '../schema/accelerators.ts'
import type { Addon } from '../schema/addon.ts'
import type { AssumptionName } from '../schema/assumptions.ts'
import type { AwakeWindow } from '../schema/awake-cron.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { Gateway, Image, Images } from '../schema/gateway.ts'
import type { Infra } from '../schema/infra.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelSettings } from '../schema/model.ts'
import type { SubnetPlan } from '../schema/network.ts'
import type { CapacityType } from '../schema/reservations.ts'
import type { ScalingMetric } from '../schema/scaling.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { Batching } from './batching.ts'
import type { EngineMemory } from './engine-memory.ts'
import type { Need, PricedInstance } from './node.ts'
import type { Bill, PackedNodes, Replicas } from './pack-nodes.ts'
import type { SloPlan } from './slo.ts'
import type { SmokePlan } from './smoke.ts'

/** A derived value and the sentence that explains it; `assumptions` not empty: printed with ≈. */
export interface Derivation {
  value: string
  because: string
  assumptions: AssumptionName[]
}

/** Memory of one GPU, GiB; undefined parts do not apply (encoders have no KV cache). */
export interface Fit {
  gpuMemoryGib: number
  /** What CUDA reports of this GPU was never seen: counts that rest on it are printed with ≈. */
  isUnseenGpu: boolean
  usableGib: number
  weightsGib: number
  /** What the engine takes besides; its parts are in `runtime`. */
  runtimeGib: number
  runtime: EngineMemory
  batching: Batching
  /** Of a request that is shorter than every window. */
  kvBytesPerToken: number
  freeKvGib: number
  blocks: number
  blocksPerRequest: number
  blockGib: number
  /** One request of maxModelLen tokens fits, and every request in a batch finds a block for its state. */
  startsWith: boolean
  kvTokens: number
  maxModelLen: number
  /** Requests of maxModelLen tokens that run at once; below 1 the model does not fit. */
  fullLengthRequests: number
}

/** Seconds of a start by what takes them. */
export interface ColdStart {
  node: number
  image: number
  /** From the store into the memory of the engine. */
  weights: number
  engine: number
}

export interface ModelPlan {
  name: string
  source: SourceFile
  lock: Lock
  settings: ModelSettings
  engine: Engine
  version: EngineVersion
  image: Image
  maxModelLen: number
  /** GPU engines with a KV cache only. */
  fit?: Fit
  gpu?: { kind: AcceleratorKind; count: number; capacity: CapacityType[] }
  nodePool: string
  /** Cheapest instance one replica fits on, and how many replicas share it. */
  node: PricedInstance & { need: Need; replicasPerNode: number }
  resources: {
    cpu: string
    memory: string
    ephemeralStorage: string
    sharedMemoryMib: number
    weightsVolumeGib: number
    cacheVolumeGib: number
  }
  scaling: {
    autoscaled: boolean
    minReplicas: number
    maxReplicas: number
    target: { metric: ScalingMetric; value: number; query: string }
    /** Requests that wait at the gateway for each replica that they order. */
    waitingPerReplica: number
    idleAfterSeconds?: number
    /** PromQL, 1 while the model is used; of a model that may sleep. */
    usedQuery?: string
    /** Windows in which it has more replicas at least. */
    awake: (AwakeWindow & { timeZone: string; minReplicas: number })[]
  }
  /** Where weights come from; `streamed`: the engine reads them from S3 itself. */
  weights: {
    source: 'image' | 'hub' | 's3'
    streamed: boolean
    /** Through NAT gateways, at each start of a pod. */
    natBytes: number
    natUsd: number
    /** Another Hub than Hugging Face’s, and private addresses that it has. */
    mirror?: { endpoint: string; cidrs: string[] }
    /** With `s3`: the options of `fetch` and `copy`, and where an engine that streams finds the files. */
    store?: { address: string; place: string; folder: string; region: string; cidrs: string[] }
  }
  rollout: {
    /** true: a new pod starts before an old one goes; false: one by one, no spare GPU. */
    surge: boolean
    startupSeconds: number
    progressDeadlineSeconds: number
    preStopSeconds: number
    drainSeconds: number
    terminationGraceSeconds: number
    coldStart: ColdStart
    /** From nothing to a ready pod on a new node, the sum of its parts; rests on assumptions. */
    coldStartSeconds: number
    /** The same on a node that is already there: how long a lone pod is away when its node is patched. */
    restartSeconds: number
    /** What the drain of its nodes takes at most, when the disruption budget lets one pod after another go. */
    nodeDrainSeconds: number
  }
  /** On nodes of its own, `usdPerHour` of one replica; `estimated`: at the price of another region, as that of the cluster’s is not known. */
  cost: { usdPerHour: number; minMonthlyUsd: number; maxMonthlyUsd: number; estimated: boolean }
  /** Where the engine sends spans, with its flag; undefined: nowhere, or its version cannot. */
  traces?: { endpoint: string; flag: string; environment: Readonly<Record<string, string>> }
  slo: SloPlan
  smoke: SmokePlan
  /** Keyed by the name `explain` shows, for example `startupSeconds`. Made when asked for: most runs never do. */
  derivations(): Record<string, Derivation>
}

/** A pod that has no other beside it unless it is busy: nobody answers while it moves. */
export interface LonePod {
  name: string
  /** Away when its node is patched: the new node is there. */
  restartSeconds: number
  /** Away when its node goes without notice. */
  coldStartSeconds: number
}

/** Nodes that Karpenter may start: one pool per GPU kind in use, and one for pods without GPU. */
export interface NodePoolPlan {
  name: string
  instanceTypes: string[]
  capacity: CapacityType[]
  /** Ids of the reserved GPUs of its kind, of which a model makes use. */
  reservations: string[]
  /** Undefined: no GPUs. */
  gpuLimit?: number
  /** How long a node may drain before its pods are ended by force. */
  terminationGraceHours: number
  /** Slowest first. */
  lonePods: LonePod[]
}

export interface ClusterPlan {
  cluster: Cluster
  source: SourceFile
  infra: Infra
  subnets: SubnetPlan
  models: ModelPlan[]
  tenants: { tenant: Tenant; source: SourceFile }[]
  addons: { addon: Addon; source: SourceFile }[]
  gateway: { settings: Gateway; source: SourceFile }
  images: { images: Images; source: SourceFile }
  /** GPU kinds that a model of this cluster uses, sorted. */
  gpuKinds: AcceleratorKind[]
  /** Of CPU first. */
  nodePools: NodePoolPlan[]
  /** GPU nodes of a kind for that number of replicas of each model. */
  packNodes(kind: AcceleratorKind, replicas: Replicas): PackedNodes
  /** All models, each node counted once. */
  bill(replicas: Replicas): Bill
}
