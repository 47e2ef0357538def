// The project and the Application from which everything else in the cluster comes: the platform program applies them once.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import type { IAppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject'
import type { Cluster } from '../../schema/cluster.ts'
import { argo, syncRetry } from '../../schema/contract.ts'

/** May hold Applications and projects, and nothing else: what is in the root folder is as strong as an admin. */
export const bootstrapProject = ({ gitops }: Cluster): IAppProject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: argo.projects.bootstrap, namespace: argo.namespace },
  spec: {
    description: 'The root Application alone.',
    sourceRepos: [gitops.repoUrl],
    destinations: [{ server: argo.server, namespace: argo.namespace }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: ['Application', 'AppProject'].map((kind) => ({ group: 'argoproj.io', kind })),
  },
})

/** No finalizer: its removal must not remove the cluster’s content. */
export const rootApplication = ({ name, gitops }: Cluster): IApplication => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: argo.root, namespace: argo.namespace },
  spec: {
    project: argo.projects.bootstrap,
    destination: { server: argo.server, namespace: argo.namespace },
    source: {
      repoURL: gitops.repoUrl,
      targetRevision: gitops.revision,
      path: `clusters/${name}/rendered/argocd`,
    },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      retry: syncRetry,
      // Not PruneLast: it waits until every Application is Healthy, so one that is not would keep removed models on their GPUs.
      syncOptions: [
        'ServerSideApply=true',
        // A commit touches a few of a thousand Applications.
        'ApplyOutOfSyncOnly=true',
        'FailOnSharedResource=true',
        'RespectIgnoreDifferences=true',
      ],
    },
  },
})
