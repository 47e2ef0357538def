// What to write so that a model fits: each candidate is planned again, and one that does not work is never named.
import { type AcceleratorKind, computesFp8 } from '../schema/accelerators.ts'
import type { Cluster } from '../schema/cluster.ts'
import { bestFit, longestContext } from './best-fit.ts'
import { type FitInput, fits } from './fit.ts'
import { instancesFor } from './node.ts'

interface Candidate {
  text: string
  input: FitInput
}

const shortestUsefulContext = 512

/** Changes of the model file, each of which makes it fit by itself. Empty: nothing in this cluster helps. */
export function findFixes(input: FitInput, cluster: Cluster): string[] {
  const candidates = [
    ...contexts(input),
    { text: 'kvCacheDtype: fp8', input: withFp8Cache(input) },
    ...(canQuantize(input)
      ? [{ text: 'quantization: fp8', input: { ...input, engine: { ...input.engine, quantization: 'fp8' as const } } }]
      : []),
    ...moreGpus(input, cluster),
    ...otherKinds(input, cluster),
  ]
  return candidates.filter((candidate) => fits(bestFit(candidate.input))).map(({ text }) => text)
}

const withFp8Cache = (input: FitInput): FitInput => ({ ...input, engine: { ...input.engine, kvCacheDtype: 'fp8' } })

function contexts(input: FitInput): Candidate[] {
  const alone = longestContext(input)
  const fp8 = withFp8Cache(input)
  const smaller = longestContext(fp8)
  return [
    { text: `maxModelLen: ${alone}`, input: { ...input, maxModelLen: alone } },
    { text: `kvCacheDtype: fp8 with maxModelLen: ${smaller}`, input: { ...fp8, maxModelLen: smaller } },
  ].filter(({ input: { maxModelLen } }) => maxModelLen >= shortestUsefulContext && maxModelLen < input.maxModelLen)
}

const canQuantize = ({ kind, lock, engine }: FitInput): boolean =>
  computesFp8(kind) && lock.quantization === undefined && engine.quantization === undefined

/** The smallest larger count that fits, that an instance has, that the heads can be shared by and the cluster may have. */
function moreGpus(input: FitInput, cluster: Cluster): Candidate[] {
  const { kind, lock, parallel } = input
  const counts = [2, 4, 8].filter(
    (count) => count > parallel && lock.heads % count === 0 && cheapest(kind, count, cluster) !== undefined,
  )
  const count = counts.find((one) => fits(bestFit({ ...input, parallel: one })))
  return count === undefined
    ? []
    : [{ text: `accelerator: {type: ${kind}, count: ${count}}`, input: { ...input, parallel: count } }]
}

/** US dollars an hour of the cheapest node with that number of GPUs that the cluster may have; undefined: it may have none. */
function cheapest(kind: AcceleratorKind, gpus: number, { region, gpu }: Cluster): number | undefined {
  const need = { kind, gpus, cpus: 1, memoryGib: 1, diskGib: 1 }
  return instancesFor(need, { region, gpuLimit: gpu.maxGpus[kind] ?? 0 })[0]?.price.usdPerHour
}

/** The cheapest other GPU kind of the cluster that fits with as many GPUs. */
function otherKinds(input: FitInput, cluster: Cluster): Candidate[] {
  const kinds = (Object.keys(cluster.gpu.maxGpus) as AcceleratorKind[])
    .filter((kind) => kind !== input.kind)
    .flatMap((kind) => {
      const usdPerHour = cheapest(kind, input.parallel, cluster)
      return usdPerHour === undefined || !fits(bestFit({ ...input, kind })) ? [] : [{ kind, usdPerHour }]
    })
    .sort((a, b) => a.usdPerHour - b.usdPerHour)
  const kind = kinds[0]?.kind
  if (kind === undefined) return []
  const text = input.parallel === 1 ? `accelerator: ${kind}` : `accelerator: {type: ${kind}, count: ${input.parallel}}`
  return [{ text, input: { ...input, kind } }]
}
