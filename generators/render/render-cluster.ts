// All folders of one cluster.
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import { renderArgocd, renderModelApplication } from './argocd/render-argocd.ts'
import { renderEdge } from './cluster/edge.ts'
import { renderMonitoring } from './cluster/monitoring.ts'
import { renderNamespaces } from './cluster/namespaces.ts'
import { renderNodePools } from './cluster/node-pools.ts'
import { renderSecrets } from './cluster/secrets.ts'
import { renderTenants } from './cluster/tenants.ts'
import { renderGateway } from './gateway/render-gateway.ts'
import type { Manifest } from './manifest.ts'
import { renderModel } from './model/render-model.ts'

const platformFolders = [
  renderNamespaces,
  renderSecrets,
  renderMonitoring,
  renderNodePools,
  renderEdge,
  renderTenants,
  renderGateway,
  renderArgocd,
]

/**
 * Folder by folder (the one of the Applications in parts), so that nobody has to hold all objects at once. With
 * `only.models` just the folders and Applications of the models in the plan.
 */
export function* renderCluster(plan: ClusterPlan, only: { models: readonly string[] }): Generator<Manifest[]> {
  if (only.models.length === 0) for (const render of platformFolders) yield render(plan)
  for (const model of plan.models) {
    yield renderModel(model, plan.cluster.name, plan.images.images.modelServer)
    yield renderModelApplication(plan, model)
  }
}
