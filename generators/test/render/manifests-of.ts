// Every object of a cluster, as synth renders it.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Manifest } from '../../render/manifest.ts'
import { renderCluster } from '../../render/render-cluster.ts'
import { manifestText } from '../../write/rendered-file.ts'

export const manifestsOf = (plan: ClusterPlan): Manifest[] =>
  [...renderCluster(plan, { models: [] }, manifestText)].flatMap(({ manifests }) => manifests)
