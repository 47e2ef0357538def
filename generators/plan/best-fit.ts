// The fit with the batch that uses the KV cache best: as many requests as it can hold of usual length, and no more.
import { assumptions } from '../schema/assumptions.ts'
import { type Batching, engineDefaults, fewestSeqs, mostSeqs, ownBatching, powerOfTwo } from './batching.ts'
import type { Fit } from './cluster-plan.ts'
import { type FitInput, fitModel, fits, gpuOf, layoutOf } from './fit.ts'

/** Windows keep the tokens of batches under way for every request, so a larger batch would cost them more than it speeds up. */
const windowedTokens = 2048
/** From here on prompts are read no faster. */
const mostTokens = 8192

/** A block of a model with recurrent layers has to fit into a batch: prefix caching stops prompts at its ends. */
function batchedTokens(input: FitInput): number {
  const usual = engineDefaults(gpuOf(input)).maxNumBatchedTokens
  const hasWindows = input.lock.cache.some(({ kind }) => kind === 'sliding')
  const layout = layoutOf(input)
  return Math.max(
    hasWindows ? Math.min(windowedTokens, usual) : Math.min(mostTokens, usual),
    layout.hasStates ? layout.blockTokens : 0,
  )
}

/** The fewest requests that a batch must hold: those at which another replica is ordered. */
const leastSeqs = (wanted: number): number => Math.min(mostSeqs, Math.max(fewestSeqs, powerOfTwo(wanted)))

/**
 * Starts with the largest batch and halves it while the model does not fit, or while the cache holds fewer requests of usual length than
 * the batch. Below `wantedSeqs` it goes only for a fit.
 */
export function bestFit(input: FitInput): Fit {
  const own = ownBatching(input.engine)
  const tokens = own.maxNumBatchedTokens ?? batchedTokens(input)
  const least = leastSeqs(input.wantedSeqs ?? 1)
  const planned = (maxNumSeqs: number): Fit => {
    const batching: Batching = { maxNumSeqs, maxNumBatchedTokens: Math.max(tokens, maxNumSeqs) }
    return fitModel({ ...input, batching })
  }
  if (own.maxNumSeqs !== undefined) return planned(own.maxNumSeqs)
  for (let seqs = mostSeqs; ; seqs /= 2) {
    const fit = planned(seqs)
    const useful = powerOfTwo(fit.fullLengthRequests / assumptions.usedContextShare.value)
    if (seqs <= fewestSeqs || (fits(fit) && (seqs <= least || seqs <= useful))) return fit
  }
}

/** Longest context of which one request fits, rounded down to a number people like to read; 0 when none does. */
export function longestContext(input: FitInput): number {
  let low = 0
  let high = input.lock.maxPositionEmbeddings
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(bestFit({ ...input, maxModelLen: middle }))) low = middle
    else high = middle - 1
  }
  const step = low >= 4096 ? 1024 : low >= 512 ? 128 : 16
  return Math.floor(low / step) * step
}
