// Rules about where a model’s weights come from in a cluster, and how its engine loads them.

import type { EngineVersion } from '../engines/engine.ts'
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { Infra } from '../schema/infra.ts'
import type { ModelSettings } from '../schema/model.ts'
import { modelDefaults } from '../schema/model-defaults.ts'
import type { Findings, Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

/** What the model file and the cluster file say together. */
export const weightSettings = (
  { bundled, weights }: Draft,
  { weights: { source } }: Cluster,
): NonNullable<ModelSettings['weights']> => ({
  source: bundled ? 'image' : source,
  load: weights?.load ?? modelDefaults.weights.load,
})

/** A cluster whose weights come from S3 needs the bucket of its platform. */
export function checkWeightsBucket(
  { name, weights }: Cluster,
  infra: Infra,
  file: SourceFile,
  findings: Findings,
): void {
  if (weights.source !== 's3' || (infra.weightsBucket !== undefined && infra.s3Cidrs !== undefined)) return
  findings.add(
    'WEIGHTS_BUCKET_MISSING',
    file.position([]),
    `${file.path} names no weights bucket, and the cluster’s weights come from one`,
    `npm run platform -- up --stack ${name} makes it, npm run platform:outputs -- --cluster ${name} writes it down; until then write weights.source: hub in clusters/${name}/cluster.yaml`,
  )
}

export function checkWeights(
  draft: Draft,
  { version, name }: { version: EngineVersion; name: string },
  cluster: Cluster,
  report: Report,
): void {
  const { source, load } = weightSettings(draft, cluster)
  const clusterFile = `clusters/${cluster.name}/cluster.yaml`
  checkOwnBucket(draft, cluster, report)
  if (load === 'copy') return
  if (source !== 's3')
    report(
      'WEIGHTS_STREAM',
      ['weights', 'load'],
      'weights are streamed from S3, and those of this model do not lie there',
      source === 'image'
        ? 'remove weights.load: the weights are in the image'
        : `write weights.source: s3 in ${clusterFile}, or load: copy`,
    )
  else if (version.stream === undefined)
    report(
      'WEIGHTS_STREAM',
      ['weights', 'load'],
      `${name} ${version.version} cannot stream weights: its image has no streamer for S3`,
      'write load: copy',
    )
}

function checkOwnBucket({ model }: Draft, { name, weights }: Cluster, report: Report): void {
  if (!model.startsWith('s3://')) return
  const bucket = new URL(model).hostname
  const clusterFile = `clusters/${name}/cluster.yaml`
  if (weights.source !== 's3')
    report(
      'WEIGHTS_SOURCE',
      ['model'],
      `a model of a bucket is copied into the cluster’s own, and ${clusterFile} says weights.source: ${weights.source}`,
      `write weights.source: s3 in ${clusterFile}`,
    )
  else if (!weights.buckets.includes(bucket))
    report(
      'WEIGHTS_SOURCE',
      ['model'],
      `the cluster may not read the bucket ${bucket}`,
      `write weights.buckets: [${[...weights.buckets, bucket].join(', ')}] in ${clusterFile}, and run npm run platform -- up --stack ${name}`,
    )
}
