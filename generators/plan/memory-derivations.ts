// The sentences that explain a fit: where each number of the GPU's memory comes from, and why the batch is as large as it is.
import { accelerators } from '../schema/accelerators.ts'
import { type AssumptionName, assumptions } from '../schema/assumptions.ts'
import { ownBatching } from './batching.ts'
import type { Derivation, Fit } from './cluster-plan.ts'
import { engineAssumptions } from './engine-memory.ts'
import type { FitInput } from './fit.ts'

const number = (value: number): string => Math.floor(value).toLocaleString('en-US')
const size = (value: number): string => `${value.toFixed(2)} GiB`

export function memoryDerivations(input: FitInput, fit: Fit): Record<string, Derivation> {
  const own = ownBatching(input.engine)
  const rests = engineAssumptions(input.lock, input.parallel)
  const seen: AssumptionName[] = accelerators[input.kind].cudaMib === undefined ? ['unseenGpuShare'] : []
  return {
    gpuMemory: {
      value: size(fit.gpuMemoryGib),
      because: `${seen.length === 0 ? 'as CUDA reports it' : 'EC2’s figure; what CUDA reports was never seen'}, × ${input.utilization} = ${size(fit.usableGib)} for the engine`,
      assumptions: seen,
    },
    runtimeGib: { value: size(fit.runtimeGib), because: runtimeSentence(fit), assumptions: rests },
    freeKvGib: { value: size(fit.freeKvGib), because: freeSentence(fit), assumptions: [...seen, ...rests] },
    kvBytesPerToken: { value: `${number(fit.kvBytesPerToken)} B`, because: kvSentence(input), assumptions: [] },
    fullLengthRequests: {
      value: fit.fullLengthRequests.toFixed(1),
      because: requestsSentence(fit),
      assumptions: [...seen, ...rests],
    },
    maxNumSeqs: {
      value: String(fit.batching.maxNumSeqs),
      because: own.maxNumSeqs === undefined ? seqsSentence(fit) : 'engine.maxNumSeqs of the file',
      assumptions: own.maxNumSeqs === undefined ? ['usedContextShare'] : [],
    },
    maxNumBatchedTokens: {
      value: String(fit.batching.maxNumBatchedTokens),
      because: own.maxNumBatchedTokens === undefined ? tokensSentence(input) : 'extraArgs of the file',
      assumptions: [],
    },
  }
}

const freeSentence = (fit: Fit): string =>
  `${size(fit.usableGib)} − ${size(fit.weightsGib)} weights − ${size(fit.runtimeGib)} runtime`

/** Parts of less than 5 MiB are not named. */
function runtimeSentence({ runtime, batching }: Fit): string {
  const peak =
    runtime.sampler >= runtime.activations
      ? `${size(runtime.peak)} while ${batching.maxNumSeqs} answers are sampled`
      : `${size(runtime.peak)} while ${batching.maxNumBatchedTokens} tokens pass a layer`
  const parts: [number, string][] = [
    [runtime.graphs, 'CUDA graphs'],
    [runtime.experts, 'buffers of experts'],
    [runtime.vision, 'vision tower'],
    [runtime.fixed, 'libraries and buffers'],
  ]
  return [peak, ...parts.filter(([value]) => value >= 0.005).map(([value, name]) => `${size(value)} ${name}`)].join(
    ' + ',
  )
}

const requestsSentence = ({ blocks, blocksPerRequest, maxModelLen, blockGib }: Fit): string =>
  `${number(blocks)} blocks of ${number(blockGib * 2 ** 20)} KiB ÷ ${number(blocksPerRequest)} blocks for a request of ${number(maxModelLen)} tokens`

const seqsSentence = ({ fullLengthRequests }: Fit): string =>
  `most requests in a batch: the cache holds ${fullLengthRequests.toFixed(1)} of full length, and on average one takes ${assumptions.usedContextShare.value} of that; fewer leave more of the GPU to the cache`

function tokensSentence({ lock }: FitInput): string {
  const kinds = lock.cache.map(({ kind }) => kind)
  if (kinds.includes('sliding'))
    return 'small, since layers with a window keep the tokens of two batches for every request'
  if (kinds.includes('state')) return 'at least one block of the cache, where prefix caching stops a prompt'
  return 'tokens that are read at once: the engine’s own default for this GPU, 8192 at most'
}

/** Layers by what they keep. */
function kvSentence({ lock, parallel, engine }: FitInput): string {
  const shared = parallel > 1 ? ` over ${parallel} GPUs` : ''
  const kinds = lock.cache.map((one) => {
    if (one.kind === 'state') return `${one.layers} layers keep a state for each request`
    if (one.kind === 'latent') return `${one.layers} layers × ${one.width} values on every GPU`
    const dim = one.headDim ?? lock.headDim
    const heads = `${one.layers} layers × ${one.kvHeads ?? lock.kvHeads} KV heads${shared} × ${dim + (one.valueDim ?? dim)} values`
    return one.kind === 'sliding' ? `${heads} of the last ${one.window} tokens` : heads
  })
  return `${kinds.join('; ')} (${engine.kvCacheDtype ?? lock.cacheDtype ?? 'auto'})`
}
