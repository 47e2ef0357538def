// What the headers of safetensors files say: parameters by dtype, bytes, and which files hold them. Read by ranges.
import {
  type ListFileEntry,
  parseSafetensorsMetadata,
  type SafetensorsFileHeader,
  type TensorInfo,
} from '@huggingface/hub'
import type { Lock } from '../schema/lock.ts'
import type { Place } from './place.ts'

interface Weights {
  /** By safetensors dtype. */
  parameters: Record<string, number>
  /** Of the tensors that are loaded; file headers are not counted, for they take no memory. */
  bytes: number
  paths: string[]
  /** Parameters of experts among which a token chooses; undefined for packed formats, whose shapes do not show it. */
  routed: number | undefined
}

/**
 * @param packed several parameters are in one value of a tensor
 * @param isUnloaded tensors that are in the files and that no engine keeps
 */
export async function readWeights(
  place: Place,
  packed: boolean,
  isUnloaded: (name: string) => boolean = () => false,
): Promise<Weights> {
  const found = await parseSafetensorsMetadata({ ...place, computeParametersCount: true })
  const headers: SafetensorsFileHeader[] = found.sharded ? Object.values(found.headers) : [found.header]
  const tensors = headers.flatMap((header) => Object.entries(header)).filter(([name]) => name !== '__metadata__') as [
    string,
    TensorInfo,
  ][]
  const routed = tensors.filter(([name]) => name.includes('.experts.') && !name.includes('shared_expert'))
  // A packed format may hold a number of values that is not whole.
  const parameters = Object.entries(found.parameterCount ?? {}).map(
    ([dtype, count]) => [dtype, Math.round(count ?? 0)] as const,
  )
  return {
    parameters: Object.fromEntries(parameters.filter(([, count]) => count > 0)),
    bytes: tensors.reduce((sum, [name, { data_offsets }]) => sum + (isUnloaded(name) ? 0 : lengthOf(data_offsets)), 0),
    paths: (found.sharded ? Object.keys(found.headers) : found.filepaths).toSorted(),
    routed: packed ? undefined : routed.reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0),
  }
}

const lengthOf = ([start, end]: readonly [number, number]): number => end - start

/** A token passes everything but the experts it does not choose. */
export function activeParameters(
  { total, perToken }: NonNullable<Lock['experts']>,
  { parameters, routed }: Weights,
): { activeParameters?: number } {
  if (routed === undefined || routed === 0) return {}
  const all = Object.values(parameters).reduce((sum, count) => sum + count, 0)
  return { activeParameters: Math.round(all - routed * (1 - perToken / total)) }
}

export function weightFile(path: string, files: readonly ListFileEntry[]): NonNullable<Lock['weightFiles']>[number] {
  const entry = files.find((file) => file.path === path)
  const bytes = entry?.lfs?.size ?? entry?.size ?? 0
  return { name: path, bytes, ...(entry?.lfs === undefined ? {} : { sha256: entry.lfs.oid.replace(/^sha256:/, '') }) }
}
