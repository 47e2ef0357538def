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
import { renderWeights } from './cluster/weights.ts'
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
  { app: 'weights', namespace: namespaces.models, render: renderWeights },
]

/** A folder's objects, or a part of the Applications; `texts`: of their files, in the same order. */
export interface RenderedPart {
  manifests: Manifest[]
  texts: string[]
}

/**
 * Folder by folder (the one of the Applications in parts), so that nobody has to hold all objects at once. With
 * `only.models` just the folders and Applications of the models in the plan. `emit`: the text of a file, for an Application says
 * a hash of its folder's.
 */
export function* renderCluster(
  plan: ClusterPlan,
  only: { models: readonly string[] },
  emit: (manifest: Manifest) => string,
): Generator<RenderedPart> {
  const part = (manifests: Manifest[]): RenderedPart => ({ manifests, texts: manifests.map(emit) })
  if (only.models.length === 0) {
    for (const folder of platformFolders) {
      const content = part(folder.render(plan))
      // A cluster without such objects has no such Application.
      if (content.manifests.length === 0) continue
      yield content
      yield part(renderPlatformApplication(plan, folder, content.texts))
    }
    yield part(renderArgocd(plan))
  }
  for (const model of plan.models) {
    const content = part(renderModel(model, plan.cluster, plan.images.images))
    yield content
    yield part(renderModelApplication(plan, model, content.texts))
  }
}
