// Does the model fit its GPU? Says so with the settings that would.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, Fit } from './cluster-plan.ts'
import { type FitInput, fitModel, fits, runtimeGib } from './fit.ts'
import { findFixes } from './fixes.ts'
import { modelProblem } from './model-problem.ts'

const number = (value: number): string => Math.floor(value).toLocaleString('en-US')
const size = (value: number): string => `${value.toFixed(2)} GiB`

export interface GpuMemory {
  fit?: Fit
  derivations(): Record<string, Derivation>
  diagnostics: Diagnostic[]
}

/** Engines without a paged KV cache get no Fit; their weights must still fit the GPU. */
export function planGpuMemory(model: ValidModel, cluster: Cluster, maxModelLen: number): GpuMemory {
  const { settings, lock, engine, version } = model
  const { accelerator } = settings
  if (accelerator === undefined) return { derivations: () => ({}), diagnostics: [] }
  const input: FitInput = {
    lock,
    kind: accelerator.type,
    parallel: settings.engine.tensorParallelSize ?? accelerator.count,
    maxModelLen,
    utilization: settings.engine.gpuMemoryUtilization ?? version.gpuMemoryUtilization ?? 1,
    engine: settings.engine,
  }
  const fit = fitModel(input)
  const runtime = runtimeGib(lock, input.parallel)
  if (!engine.hasKvCache) {
    const tooLarge =
      fit.freeKvGib <= 0
        ? [
            modelProblem(
              model,
              cluster,
              'MODEL_EXCEEDS_GPU_MEMORY',
              ['accelerator'],
              tooLargeMessage(fit, input),
              'choose a larger accelerator',
            ),
          ]
        : []
    return { derivations: () => ({}), diagnostics: tooLarge }
  }
  const derivations = () => ({
    freeKvGib: { value: size(fit.freeKvGib), because: freeSentence(input, fit), assumptions: runtime.assumptions },
    kvBytesPerToken: { value: `${number(fit.kvBytesPerToken)} B`, because: kvSentence(input, fit), assumptions: [] },
    fullLengthRequests: {
      value: fit.fullLengthRequests.toFixed(1),
      because: `${number(fit.kvTokens)} tokens of KV cache ÷ ${number(maxModelLen)} tokens a request`,
      assumptions: runtime.assumptions,
    },
  })
  return { fit, derivations, diagnostics: fits(fit) ? [] : [tooSmall(model, cluster, input, fit)] }
}

const freeSentence = ({ utilization }: FitInput, fit: Fit): string =>
  `${size(fit.gpuMemoryGib)} × ${utilization} = ${size(fit.usableGib)} − ${size(fit.weightsGib)} weights − ${size(fit.runtimeGib)} runtime`

function kvSentence({ lock, parallel, engine }: FitInput, fit: Fit): string {
  const heads = Math.max(1, Math.ceil(lock.kvHeads / parallel))
  const bytes = fit.kvBytesPerToken / (2 * lock.layers * heads * lock.headDim)
  const shared = parallel > 1 ? ` (${lock.kvHeads} over ${parallel} GPUs)` : ''
  const window =
    lock.slidingWindow === undefined
      ? ''
      : `; ${lock.slidingWindow.localLayers} layers keep only ${lock.slidingWindow.tokens} tokens`
  return `2 × ${lock.layers} layers × ${heads} KV heads${shared} × ${lock.headDim} × ${bytes} B (${engine.kvCacheDtype ?? 'auto'})${window}`
}

const tooLargeMessage = (fit: Fit, input: FitInput): string =>
  `≈${size(fit.weightsGib + fit.runtimeGib)} per GPU (${size(fit.weightsGib)} weights), ${input.parallel} × ${input.kind} offers ${size(fit.usableGib)} each`

function tooSmall(model: ValidModel, cluster: Cluster, input: FitInput, fit: Fit): Diagnostic {
  const fixes = findFixes(input, cluster)
  const hint =
    fixes.length === 0 ? `no GPU kind of cluster ${cluster.name} is large enough` : `write ${fixes.join('; or ')}`
  const options = Object.hasOwn(model.settings.engine, 'maxModelLen')
  const pointer = options ? ['engine', 'maxModelLen'] : ['accelerator']
  if (fit.freeKvGib <= 0)
    return modelProblem(model, cluster, 'MODEL_EXCEEDS_GPU_MEMORY', ['accelerator'], tooLargeMessage(fit, input), hint)
  const message =
    `maxModelLen ${number(input.maxModelLen)} needs ${size(fit.freeKvGib / Math.max(fit.fullLengthRequests, 1e-9))} of KV cache on ${input.parallel} × ${input.kind}, ` +
    `≈${size(fit.freeKvGib)} (${number(fit.kvTokens)} tokens) are free`
  return modelProblem(model, cluster, 'CONTEXT_EXCEEDS_GPU_MEMORY', pointer, message, hint)
}
