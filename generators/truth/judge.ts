// What the planner says of a case, beside what the log said.
import { configFacts } from '../hub/config-facts.ts'
import type { Fit } from '../plan/cluster-plan.ts'
import { type FitInput, fitModel, fits } from '../plan/fit.ts'
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import type { Lock } from '../schema/lock.ts'
import type { Case } from './case.ts'

export interface Verdict {
  case: Case
  /** Undefined: its config.json is refused, for this reason. */
  fit?: Fit
  lock?: Lock
  refused?: string
  /** Said ÷ logged. */
  kvTokensRatio?: number
  /** Said − logged, of one GPU. */
  kvGibError?: number
  weightsGibError?: number
  saysFits?: boolean
}

/** As far as it is a version: of `0.2x` and `0.9-0.11` the first that it can be, of `0.1x` nothing. */
export function versionOf(text: string | null | undefined): string | undefined {
  const [, minor, open] = /^v?0\.(\d+)(x?)/.exec(text ?? '') ?? []
  if (minor === undefined || (open === 'x' && minor === '1')) return undefined
  return open === 'x' ? `0.${minor}0` : `0.${minor}`
}

/** CUDA compute capability by the name of a GPU that AWS does not have. */
const capabilities: [RegExp, string][] = [
  [/B[23]00|GB[23]00/, '10.0'],
  [/RTX (?:50|PRO)/, '12.0'],
  [/H[12]00|GH200|H20/, '9.0'],
  [/RTX 40|L4|Ada/, '8.9'],
  [/RTX 30|A10|A40|A[456]000/, '8.6'],
]

const isKind = (kind: string): kind is AcceleratorKind => Object.hasOwn(accelerators, kind)

function gpuOf({ gpu, gpuKind, gpuMemoryMiB, gpuTotalGiB }: Case): Pick<FitInput, 'kind' | 'gpu'> {
  if (typeof gpuKind === 'string' && isKind(gpuKind)) return { kind: gpuKind }
  const computeCapability = capabilities.find(([pattern]) => pattern.test(gpu))?.[1] ?? '8.0'
  return { kind: 'l4', gpu: { name: gpu, memoryGib: gpuTotalGiB ?? gpuMemoryMiB / 1024, computeCapability } }
}

const lockOf = ({ lock, modelFacts: facts, model: id }: Case): Lock => {
  if (facts === undefined) return lock as Lock
  const { autoMap: _, ...shape } = configFacts(facts.config)
  return {
    ...{ id, revision: '0'.repeat(40), pipelineTag: 'text-generation', licence: 'unknown', gated: false },
    ...{ parameters: facts.parameters, weightBytes: facts.tensorBytes },
    ...{ needsRemoteCode: false, hasChatTemplate: false, safetensors: true, unverified: [] },
    ...shape,
  }
}

/** What was started, as the planner would plan it. */
export const inputOf = (one: Case, lock: Lock): FitInput => ({
  lock,
  ...gpuOf(one),
  parallel: one.tensorParallel,
  maxModelLen: one.maxModelLen,
  utilization: one.gpuMemoryUtilization,
  engine: {
    dtype: wordOf(one.dtype, ['auto', 'bfloat16', 'float16', 'float32']),
    quantization: wordOf(one.quantization, ['fp8', 'awq', 'gptq', 'mxfp4']),
    kvCacheDtype: one.kvCacheDtype?.startsWith('fp8') === true ? 'fp8' : 'auto',
    ...(typeof one.maxNumSeqs === 'number' ? { maxNumSeqs: one.maxNumSeqs } : {}),
    ...(typeof one.maxNumBatchedTokens === 'number'
      ? { extraArgs: [`--max-num-batched-tokens=${one.maxNumBatchedTokens}`] }
      : {}),
    enforceEager: one.enforceEager === true,
  },
  version: versionOf(one.vllmVersion),
})

const wordOf = <Word extends string>(value: string | null | undefined, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === value)

export function judge(one: Case, known?: Lock): Verdict {
  let lock: Lock
  try {
    lock = known ?? lockOf(one)
  } catch (error) {
    return { case: one, refused: error instanceof Error ? error.message : String(error) }
  }
  const fit = fitModel(inputOf(one, lock))
  const { fits: started, kvGiB, loadingGiB } = one.observed
  const tokens = tokensOf(one)
  const isKnown = one.modelFacts?.weightsFrom !== 'observed'
  return {
    case: one,
    lock,
    fit,
    saysFits: fits(fit),
    ...(tokens === undefined || !started ? {} : { kvTokensRatio: fit.kvTokens / tokens }),
    ...(typeof kvGiB !== 'number' ? {} : { kvGibError: fit.freeKvGib - kvGiB }),
    ...(typeof loadingGiB !== 'number' || !isKnown ? {} : { weightsGibError: fit.weightsGib - loadingGiB }),
  }
}

/** Requests × length is what today's versions print as tokens; older ones printed another number for models with several kinds of layers. */
function tokensOf({ observed: { kvTokens, concurrency }, maxModelLen }: Case): number | undefined {
  const product = typeof concurrency === 'number' ? concurrency * maxModelLen : undefined
  const printed = typeof kvTokens === 'number' ? kvTokens : undefined
  if (product === undefined || printed === undefined) return product ?? printed
  return Math.abs(printed / product - 1) < 0.02 ? printed : product
}

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? Number.NaN
}

/** How often the planner and the engine agree that a model fits. */
export const confusion = (verdicts: readonly Verdict[]) => {
  const count = (says: boolean, does: boolean): number =>
    verdicts.filter(({ saysFits, case: one }) => saysFits === says && one.observed.fits === does).length
  return {
    bothFit: count(true, true),
    saidToFitFailed: count(true, false),
    refusedRuns: count(false, true),
    neither: count(false, false),
    refusedByConfig: verdicts.filter(({ refused }) => refused !== undefined).length,
  }
}
