// What an engine is to the rest: one file, one registry line. It answers only what differs; the Pod is assembled in render.
import type { Code } from '../diagnostics/codes.ts'
import type { AcceleratorKind } from '../schema/accelerators.ts'
import type { Image } from '../schema/gateway.ts'
import type { Lock } from '../schema/lock.ts'
import type { EngineOptions, ModelSettings } from '../schema/model.ts'
import type { ScalingMetric } from '../schema/scaling.ts'
import type { Task } from '../schema/tasks.ts'
import type { FlagUse } from './flag-uses.ts'

/**
 * What a flag of a version's own parser takes: nothing (`switch`), a `value`, an `optional` value, a `list` of values, a number
 * (`integer`, `number`, `size` as 8192 or 8k), `json`, or one of the listed values. Keyed by the flag with its dashes.
 */
export type Flags = Readonly<
  Record<string, 'switch' | 'value' | 'optional' | 'list' | 'integer' | 'number' | 'size' | 'json' | readonly string[]>
>

/** Least and most that a number may be: `ge` and `le` with the limit itself, `gt` and `lt` without. */
export type Bounds = Readonly<Record<string, Partial<Record<'ge' | 'gt' | 'le' | 'lt', number>>>>

/** A metric on a version's page: its labels, and of a histogram in seconds the upper bounds of its buckets as the page writes them. */
export interface Metric {
  labels: readonly string[]
  buckets?: readonly string[]
}

/** Counters by their name with `_total`, histograms without the endings of their series. */
export type MetricTable = Readonly<Record<string, Metric>>

/** What was recorded from one version. */
export interface Recording {
  version: string
  flags: Flags
  /** Of flags that take a number; its parser does not know them. */
  bounds: Bounds
  /** Methods by their word in a checkpoint, with the least compute capability of a GPU. */
  quantization: Readonly<Record<string, number>>
  /** Names in config.json that write text: those of its own, beside which it takes what transformers can run. */
  architectures: readonly string[]
  /** Variables with the engine's own prefix that it reads. */
  environment: readonly string[]
  /** What its page for Prometheus shows. */
  metrics: MetricTable
}

/** A flag or variable that lets somebody into the engine, or code and connections past its review. */
export interface Opening {
  /** What it does, after its name: "adds endpoints that …". */
  what: string
  /** Values that do; default: every one but those that switch off. */
  when?: RegExp
}

/** What is wrong with an extra flag that the parser itself would take. */
export interface ArgumentProblem {
  code: Code
  /** Of the word in extraArgs. */
  index: number
  message: string
  hint: string
}

/** Memory of the node that a flag takes. */
export interface HostMemory {
  flag: string
  gib: number
  /** It is in /dev/shm. */
  shared: boolean
}

/** An image of ours: its digest is data of the repository, not of the engine. */
export type OwnImage = 'modelServer'

export interface EngineMetric {
  /** PromQL of the value per model, with `$MODEL` for the served name. */
  query: string
}

/** How one version behaves towards Kubernetes and Prometheus; names change between versions, so it is part of the row. */
export interface EngineInterface {
  /** HTTP paths on the model port. */
  probes: { startup: string; readiness: string; liveness: string }
  metrics: Partial<Record<ScalingMetric, EngineMetric>>
  /** Histograms that objectives are counted with. */
  latencies?: Partial<Record<Latency, string>>
  /** Label in which its series name the model; default: `model`, which the monitor gives them. */
  modelLabel?: 'model_name'
  /** true: it ends open requests after SIGTERM within the time a flag gives it; false: only the preStop sleep protects them. */
  drains: boolean
}

export const latencies = ['firstToken', 'interToken'] as const
export type Latency = (typeof latencies)[number]

/** A version can be chosen only with both an image and the flag list recorded from that very version. */
export interface EngineVersion extends EngineInterface {
  version: string
  /** Image for an accelerator (undefined: CPU nodes), or undefined when there is none with a known digest. */
  image(accelerator: AcceleratorKind | undefined): Image | OwnImage | undefined
  flags: Flags | undefined
  bounds?: Bounds
  /** Stored formats it loads, as in a recording; undefined: it does not look at them. */
  quantization?: Recording['quantization']
  architectures?: Recording['architectures']
  environment?: Recording['environment']
  /** Undefined: not recorded, so the names in its row are not compared with it. */
  page?: MetricTable
  /** How it reads weights from S3 into GPU memory; undefined: it or its image cannot. */
  stream?: { flags: readonly string[]; environment: Readonly<Record<string, string>> }
  /** Default of gpuMemoryUtilization in this version; undefined where the notion does not exist. */
  gpuMemoryUtilization?: number
}

/** What the engine needs to know to write its command line. */
export interface EngineInput {
  /** Served name: the model file's name. */
  name: string
  settings: ModelSettings
  lock: Lock
  /** Folder of the weights in the container, or their place in S3 when the engine streams them. */
  modelDirectory: string
  /** Flags of the version with which it streams weights; none: they lie in a folder. */
  streamFlags?: readonly string[]
  /** Planned context length in tokens. */
  maxModelLen: number
  /** Planned size of a batch; undefined: the engine has no such flags, or no GPU. */
  batching?: { maxNumSeqs: number; maxNumBatchedTokens: number }
  /** Seconds the engine may take for open requests after SIGTERM. */
  drainSeconds: number
}

export interface Engine {
  name: string
  /** Newest first. */
  versions: readonly EngineVersion[]
  tasks: readonly Task[]
  /** Whether it can do one of its tasks with weights of an architecture, a name in config.json. None: with all. */
  serves?(task: Task, architecture: string): boolean
  api: 'openai' | 'tei'
  /** Engine options a model file may set. */
  options: readonly Exclude<keyof EngineOptions, 'name' | 'version' | 'extraArgs'>[]
  accelerator: 'required' | 'optional' | 'none'
  /** false: encoder or CPU process, no paged KV cache on a GPU. */
  hasKvCache: boolean
  /** Flags that fields or the platform own; extraArgs may not name them. */
  ownedFlags: readonly string[]
  /** Flags and variables that nobody may set without an approval in schema/engine-policy.ts. */
  opens?: Readonly<Record<string, Opening>>
  /** Flags that earlier versions had, and what to write instead. */
  goneFlags?: Readonly<Record<string, string>>
  /** Every flag has a variable of the same name in capitals. */
  flagsAreVariables?: boolean
  checkArguments?(uses: readonly FlagUse[], version: EngineVersion, modelDirectory: string): ArgumentProblem[]
  /** What extra flags take of the node's memory, on `gpus` GPUs. */
  hostMemory?(uses: readonly FlagUse[], gpus: number, lock: Lock): HostMemory[]
  command(input: EngineInput): { command: string[]; args: string[] }
  /** Environment that model files may not change; `cache` is a writable folder. */
  environment(cache: string): Record<string, string>
  /** How it sends spans, to a collector that speaks OTLP over HTTP; they hold no prompt. Versions without the flag send none. */
  traces?: { flag: string; environment: Readonly<Record<string, string>> }
  defaultTarget: { metric: ScalingMetric; value: number }
  /** Patterns of the files `fetch` may download; a pattern after `!` leaves files out again. */
  files: readonly string[]
  /** Shares /dev/shm between processes. */
  needsSharedMemory: boolean
}
