// All folders of one cluster.
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import { argo, namespaces } from '../schema/contract.ts'
import type { PlatformFolder } from './argocd/applications.ts'
import { renderArgocd, renderModelApplication, renderPlatformApplication } from './argocd/render-argocd.ts'
import { renderEdge, renderIngressClass } from './cluster/edge.ts'
import { renderMonitoring } from './cluster/monitoring.ts'
import { renderNamespaceDefaults, renderNamespaces } from './cluster/namespaces.ts'
import { renderNodePools } from './cluster/node-pools.ts'
import { renderSecrets } from './cluster/secrets.ts'
import { renderTenants } from './cluster/tenants.ts'
import { renderGateway } from './gateway/render-gateway.ts'
import { renderGitWatch } from './git-watch/render-git-watch.ts'
import type { Manifest } from './manifest.ts'
import { renderModel } from './model/render-model.ts'

const platformFolders: readonly (PlatformFolder & { render(plan: ClusterPlan): Manifest[] })[] = [
  { app: 'namespaces', namespace: 'kube-system', render: renderNamespaces },
  { app: 'namespace-defaults', namespace: 'kube-system', render: renderNamespaceDefaults },
  { app: 'secrets', namespace: namespaces.gateway, defaultsInLists: true, render: renderSecrets },
  { app: 'node-pools', namespace: 'kube-system', defaultsInLists: true, render: renderNodePools },
  { app: 'monitoring', namespace: namespaces.monitoring, defaultsInLists: true, render: renderMonitoring },
  { app: 'ingress-class', namespace: 'kube-system', render: renderIngressClass },
  { app: 'edge', namespace: namespaces.edge, render: renderEdge },
  { app: 'tenants', namespace: namespaces.gateway, render: renderTenants },
  { app: 'git-watch', namespace: argo.namespace, render: renderGitWatch },
  { app: 'gateway', namespace: namespaces.gateway, render: renderGateway },
]

/**
 * Folder by folder (the one of the Applications in parts), so that nobody has to hold all objects at once. With
 * `only.models` just the folders and Applications of the models in the plan.
 */
export function* renderCluster(plan: ClusterPlan, only: { models: readonly string[] }): Generator<Manifest[]> {
  if (only.models.length === 0) yield* renderPlatform(plan)
  for (const model of plan.models) {
    const objects = renderModel(model, plan.cluster.name, plan.images.images.modelServer)
    yield objects
    yield renderModelApplication(plan, model, objects)
  }
}

function* renderPlatform(plan: ClusterPlan): Generator<Manifest[]> {
  for (const folder of platformFolders) {
    const objects = folder.render(plan)
    yield objects
    yield renderPlatformApplication(plan, folder, objects)
  }
  yield renderArgocd(plan)
}
