// Does the model fit its GPU? Says so with the settings that would.
import { diagnoseModel } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { accelerators, cudaMemoryMib } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { ValidModel } from '../validate/repository.ts'
import { bestFit } from './best-fit.ts'
import type { Derivation, Fit } from './cluster-plan.ts'
import { type FitInput, fits, gib } from './fit.ts'
import { findFixes } from './fixes.ts'
import { memoryDerivations } from './memory-derivations.ts'
import { weightBytes } from './weight-memory.ts'

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
  const target = settings.scaling.target ?? engine.defaultTarget
  const input: FitInput = {
    lock,
    kind: accelerator.type,
    parallel: settings.engine.tensorParallelSize ?? accelerator.count,
    maxModelLen,
    utilization: settings.engine.gpuMemoryUtilization ?? version.gpuMemoryUtilization ?? 1,
    engine: settings.engine,
    wantedSeqs: (target.metric === 'runningRequests' ? target : engine.defaultTarget).value,
    version: version.version,
  }
  if (!engine.hasKvCache) return { derivations: () => ({}), diagnostics: encoderTooLarge(model, cluster, input) }
  const fit = bestFit(input)
  return {
    fit,
    derivations: () => memoryDerivations(input, fit),
    diagnostics: fits(fit) ? [] : [tooSmall(model, cluster, input, fit)],
  }
}

function encoderTooLarge(model: ValidModel, cluster: Cluster, input: FitInput): Diagnostic[] {
  const { computeCapability } = accelerators[input.kind]
  const weightsGib = weightBytes({ ...input, computeCapability }) / gib
  const needed = weightsGib + assumptions.encoderRuntimeGib.value
  const usableGib = (cudaMemoryMib(accelerators[input.kind]) / 1024) * input.utilization
  if (needed < usableGib) return []
  const message = `≈${size(needed)} per GPU (${size(weightsGib)} weights), ${input.parallel} × ${input.kind} offers ${size(usableGib)} each`
  return [
    diagnoseModel(model, cluster, 'MODEL_EXCEEDS_GPU_MEMORY', ['accelerator'], message, 'choose a larger accelerator'),
  ]
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
    return diagnoseModel(model, cluster, 'MODEL_EXCEEDS_GPU_MEMORY', ['accelerator'], tooLargeMessage(fit, input), hint)
  const message =
    `maxModelLen ${number(input.maxModelLen)} needs ${size((fit.blocksPerRequest + 1) * fit.blockGib)} of KV cache on ${input.parallel} × ${input.kind}, ` +
    `≈${size(fit.freeKvGib)} (${number(fit.kvTokens)} tokens) are free`
  return diagnoseModel(model, cluster, 'CONTEXT_EXCEEDS_GPU_MEMORY', pointer, message, hint)
}
