// The gateway's settings in each cluster, and our own images.
import { didYouMean } from '../diagnostics/nearest.ts'
import type { SourceFile } from '../load/source-file.ts'
import {
  type Gateway,
  type GatewayFile,
  gatewayDefaults,
  gatewayFileSchema,
  type Images,
  imagesFileSchema,
} from '../schema/gateway.ts'
import { checkSchema } from './check-schema.ts'
import type { Findings } from './findings.ts'
import { checkSettings } from './gateway-settings-rules.ts'
import { mergePatch, withPlainPatches } from './merge-patch.ts'

export function checkGateway(
  file: SourceFile | undefined,
  clusters: ReadonlySet<string>,
  findings: Findings,
): GatewayFile | undefined {
  if (file === undefined) return undefined
  const wrong = checkSchema(gatewayFileSchema, file, withPlainPatches(file.value))
  findings.diagnostics.push(...wrong)
  if (wrong.length > 0) return undefined
  const value = file.value as GatewayFile
  for (const cluster of Object.keys(value.clusters ?? {})) {
    if (clusters.has(cluster)) continue
    findings.add(
      'CLUSTER_UNKNOWN',
      file.position(['clusters', cluster], 'key'),
      `there is no cluster "${cluster}"`,
      `${didYouMean(cluster, clusters)}clusters: ${[...clusters].join(', ')}`,
    )
  }
  return value
}

export function gatewayInCluster(
  { clusters, ...base }: GatewayFile,
  cluster: string,
  file: SourceFile,
  findings: Findings,
): Gateway {
  // Defaults come last: what a cluster takes away with null has its default again.
  const own = (clusters !== undefined && Object.hasOwn(clusters, cluster) && clusters[cluster]) || {}
  const defaults: Gateway = gatewayDefaults
  const settings = mergePatch(defaults, mergePatch(base, own)) as Gateway
  if (settings.replicas.min > settings.replicas.max) {
    const pointer = own.replicas == null ? ['replicas', 'min'] : ['clusters', cluster, 'replicas', 'min']
    findings.add(
      'SCALING_RANGE',
      file.position(pointer),
      `min is ${settings.replicas.min}, max is ${settings.replicas.max}`,
      `write min: ${settings.replicas.max} or less`,
      cluster,
    )
  }
  checkSettings(settings, own.settings ?? {}, cluster, file, findings)
  return settings
}

export function checkImages(file: SourceFile | undefined, findings: Findings): Images | undefined {
  if (file === undefined) return undefined
  const wrong = checkSchema(imagesFileSchema, file)
  findings.diagnostics.push(...wrong)
  if (wrong.length > 0) return undefined
  const images = file.value as Images
  for (const name of ['gateway', 'modelServer'] as const) {
    if (images[name].digest !== undefined) continue
    findings.add(
      'IMAGE_WITHOUT_DIGEST',
      file.position([name]),
      `${images[name].repository}:${images[name].tag} is named by its tag, which may be moved`,
      'the release writes the digest here by pull request',
    )
  }
  return images
}
