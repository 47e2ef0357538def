// Where a pod’s weights come from, under which address they lie in the bucket, and what a wake carries through NAT.

import { createHash } from 'node:crypto'
import type { Engine } from '../engines/engine.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import { weightFolders } from '../schema/contract.ts'
import type { Infra } from '../schema/infra.ts'
import type { Lock } from '../schema/lock.ts'
import { modelDefaults } from '../schema/model-defaults.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'

/** Files with a locked hash; of a bucket of one’s own these are all. */
export const lockedFiles = ({
  weightFiles = [],
  ...lock
}: Lock): { name: string; bytes: number; sha256?: string }[] => [
  ...weightFiles,
  ...(('files' in lock && lock.files) || []),
]

/**
 * Names the content: model, commit, which files, and their hashes. Other facts of a lock change no byte, so they move no weights.
 */
export function weightsAddress(lock: Lock, engine: Pick<Engine, 'files'>): string {
  const hashes = lockedFiles(lock).map(({ name, sha256 = '' }) => `${name} ${sha256}`)
  const content = {
    id: lock.id,
    revision: 'revision' in lock ? lock.revision : lock.sha256,
    files: engine.files,
    hashes: hashes.sort(),
  }
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** Bytes of all weight files, headers included where they are known. */
const bytesOf = ({ weightBytes, weightFiles = [] }: Lock): number =>
  Math.max(
    weightBytes,
    weightFiles.reduce((sum, { bytes }) => sum + bytes, 0),
  )

export function planWeights(
  { settings, lock, engine }: Pick<ValidModel, 'settings' | 'lock' | 'engine'>,
  { mirrors }: Cluster,
  infra: Infra | undefined,
): { weights: ModelPlan['weights']; derivation(): Derivation } {
  const { source = settings.bundled ? 'image' : 'hub', load = modelDefaults.weights.load } = settings.weights ?? {}
  const natBytes = source === 'hub' ? bytesOf(lock) : 0
  const natUsd = (natBytes / 1e9) * assumptions.natUsdPerGb.value
  const address = weightsAddress(lock, engine)
  const { weightsBucket = '', region = '', s3Cidrs = [] } = infra ?? {}
  const store = {
    address,
    place: `s3://${weightsBucket}/${address}`,
    folder: `s3://${weightsBucket}/${weightFolders.models}/${address}`,
    region,
    cidrs: s3Cidrs,
  }
  return {
    weights: {
      source,
      streamed: load === 'stream',
      natBytes,
      natUsd,
      ...(mirrors.hub === undefined ? {} : { mirror: { endpoint: mirrors.hub, cidrs: mirrors.cidrs ?? [] } }),
      ...(source === 's3' ? { store } : {}),
    },
    derivation: () => ({
      value: `${(natBytes / 1e9).toFixed(1)} GB, $${natUsd.toFixed(2)}`,
      because: becauseOf[source],
      assumptions: [],
    }),
  }
}

const becauseOf: Record<ModelPlan['weights']['source'], string> = {
  image: 'the weights are in the image',
  hub: 'each pod that starts fetches the weights from the Hub, through NAT, at $0.045 a GB in us-east-1',
  s3: 'the weights were copied once; pods read them from S3 by the gateway endpoint, which costs nothing',
}
