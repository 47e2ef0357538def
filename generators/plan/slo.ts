// What a model's objectives become: the buckets that count them, and how long a model may be away before somebody is notified.

import { diagnoseModel } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Latency } from '../engines/engine.ts'
import { accelerators } from '../schema/accelerators.ts'
import type { Cluster } from '../schema/cluster.ts'
import { modelDefaults } from '../schema/model-defaults.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'
import { weightBytes } from './weight-memory.ts'

export interface Objective {
  /** What is counted. */
  histogram: string
  /** Upper bound of the bucket, as the engine's page writes it. */
  bound: string
  seconds: number
}

export interface SloPlan {
  latencies: Partial<Record<Latency, Objective>>
  /** Per cent. */
  availability?: number
  /** Without any pod that answers, although it should have one. */
  downAfterSeconds: number
  /** Of a model that is new, no pod is expected before. */
  newForSeconds: number
  /** Ordered and still not there. */
  wakingAfterSeconds: number
}

/** Longer than what was planned, by this much, is reported. */
const late = 1.5
const upToMinute = (seconds: number): number => Math.ceil(seconds / 60) * 60
/** Gauges are read every 15 s and a pod may fail a probe or two: what is over sooner wakes nobody. */
const shortestSeconds = 300

export function planSlo(
  model: ValidModel,
  cluster: Cluster,
  rollout: ModelPlan['rollout'],
): { slo: SloPlan; derivations(): Record<string, Derivation>; diagnostics: Diagnostic[] } {
  const { settings, version } = model
  const isAlone = settings.scaling.minReplicas === 1
  const downAfterSeconds = isAlone
    ? Math.max(shortestSeconds, upToMinute(late * rollout.restartSeconds))
    : shortestSeconds
  const objectives: [Latency, number | undefined][] = [
    ['firstToken', settings.slo.firstTokenSeconds],
    ['interToken', settings.slo.interTokenSeconds],
  ]
  const slo: SloPlan = {
    latencies: Object.fromEntries(
      objectives.flatMap(([latency, seconds]) => {
        const histogram = version.latencies?.[latency]
        const bound = version.page?.[histogram ?? '']?.buckets?.find((one) => Number(one) === seconds)
        return histogram === undefined || bound === undefined ? [] : [[latency, { histogram, bound, seconds }]]
      }),
    ),
    availability: settings.slo.availability,
    downAfterSeconds,
    newForSeconds: rollout.progressDeadlineSeconds,
    wakingAfterSeconds: upToMinute(late * rollout.coldStartSeconds),
  }
  return {
    slo,
    diagnostics: objectives.flatMap(([latency, seconds]) => unreachable(model, cluster, latency, seconds)),
    derivations: () => ({
      downAfterSeconds: {
        value: `${downAfterSeconds} s`,
        because: isAlone
          ? `${late} × ${rollout.restartSeconds} s, which a lone pod is away when its node is patched; at least ${shortestSeconds} s`
          : 'with several pods none may be away at once',
        assumptions: [],
      },
    }),
  }
}

/**
 * Seconds that one GPU needs to read the weights that a token passes: no token of one request comes faster, whatever the batch
 * (memory-bound decoding: Pope et al., Efficiently Scaling Transformer Inference, 2022, section 2.2; arXiv 2211.05102). Of a mixture of
 * experts only the active part is read. Undefined: CPU, or experts of unknown size.
 */
export function fastestTokenSeconds({ settings, lock, engine }: ValidModel): number | undefined {
  const { accelerator } = settings
  if (accelerator === undefined || !engine.hasKvCache) return undefined
  const { computeCapability, memoryGbPerSecond } = accelerators[accelerator.type]
  const parallel = settings.engine.tensorParallelSize ?? accelerator.count
  const bytes = weightBytes({ lock, parallel, engine: settings.engine, computeCapability })
  const parameters = Object.values(lock.parameters).reduce((sum, count) => sum + count, 0)
  // Of the table of embeddings a token reads one row; counted as not read at all.
  const table = lock.vocabularySize * lock.hiddenSize
  const read = lock.experts === undefined ? parameters - table : lock.experts.activeParameters
  return read === undefined ? undefined : (bytes * Math.max(0, read)) / parameters / (memoryGbPerSecond * 1e9)
}

const milliseconds = (seconds: number): string => `${Number((seconds * 1000).toPrecision(3))} ms`

function unreachable(model: ValidModel, cluster: Cluster, latency: Latency, seconds: number | undefined): Diagnostic[] {
  if (seconds === undefined) return []
  const problem = (message: string, hint: string) => [
    diagnoseModel(model, cluster, 'SLO_UNREACHABLE', ['slo', latency, 'p95'], message, hint),
  ]
  const timeout = model.settings.timeouts.firstTokenSeconds ?? modelDefaults.timeouts.firstTokenSeconds
  if (latency === 'firstToken' && seconds > timeout)
    return problem(
      `slo.firstToken is ${seconds} s, and the gateway gives up after ${timeout} s`,
      `write timeouts.firstToken: ${Math.ceil(seconds)}s or more, or a smaller p95`,
    )
  // One pass may make several tokens.
  if (latency === 'interToken' && speculates(model)) return []
  const fastest = fastestTokenSeconds(model)
  if (fastest === undefined || seconds >= fastest) return []
  const bound = boundsOf(model, latency).find((one) => Number(one) >= fastest)
  const { type = '', count = 1 } = model.settings.accelerator ?? {}
  return problem(
    `slo.${latency} is ${milliseconds(seconds)}; reading the weights once takes ${count} × ${type} ${milliseconds(fastest)}`,
    bound === undefined
      ? 'choose a faster accelerator'
      : `write p95: ${Number(bound)}s or more, or choose a faster accelerator, more GPUs or smaller weights`,
  )
}

const boundsOf = ({ version }: ValidModel, latency: Latency): readonly string[] =>
  version.page?.[version.latencies?.[latency] ?? '']?.buckets ?? []

const speculates = ({ settings }: ValidModel): boolean =>
  (settings.engine.extraArgs ?? []).some((word) => /^(?:-sc|--spec)/.test(word))
