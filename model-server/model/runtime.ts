// onnxruntime-node, loaded late: it has no binary for some platforms, and that must be one clear line.
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { UserMistake } from '../user-mistake.ts'

export type { InferenceSession, Tensor }

export type Feeds = Record<string, Tensor>

/** What this program uses of onnxruntime-node. */
export interface Runtime {
  InferenceSession: { create(path: string, options: InferenceSession.SessionOptions): Promise<InferenceSession> }
  Tensor: new (
    type: 'int64' | 'float32' | 'bool',
    data: BigInt64Array | Float32Array | Uint8Array,
    dims: number[],
  ) => Tensor
}

const require = createRequire(import.meta.url)

/** Platforms that the installed package has a binary for, as `linux-x64`. */
export function platformsWithBinary(): string[] {
  const root = join(dirname(require.resolve('onnxruntime-node')), '..', 'bin')
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'onnxruntime_binding.node')
    .map(({ parentPath }) => parentPath.split(/[\\/]/).slice(-2).join('-'))
    .sort()
}

/** What to say where there is none. */
export const noBinary = (platform: string, platforms: readonly string[]): string =>
  `onnxruntime-node has no binary for ${platform}, only for ${platforms.join(', ')} (Linux with glibc 2.28 or newer, so not Alpine). ` +
  'Run the model server on one of these, or in a linux container; everything else of this repository works here.'

/** @throws UserMistake where the native module is missing */
export async function loadRuntime(): Promise<Runtime> {
  // Before the module is loaded: it reports usage otherwise.
  process.env.ORT_DISABLE_TELEMETRY = '1'
  const platform = `${process.platform}-${process.arch}`
  const platforms = platformsWithBinary()
  if (!platforms.includes(platform)) throw new UserMistake(noBinary(platform, platforms))
  try {
    return (await import('onnxruntime-node')) as unknown as Runtime
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_DLOPEN_FAILED')
      throw new UserMistake(`${noBinary(platform, platforms)} (${(error as Error).message})`)
    throw error
  }
}
