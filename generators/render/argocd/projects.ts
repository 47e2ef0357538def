// AppProjects: what Applications may read, where they may write, and which kinds. `default` is emptied: it allows everything.
import type { IAppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { argo, namespaces } from '../../schema/contract.ts'

type Spec = NonNullable<IAppProject['spec']>

const appProject = (name: string, spec: Spec): IAppProject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: {
    name,
    namespace: argo.namespace,
    // Never pruned: Applications without their project are stuck.
    annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' },
  },
  spec,
})

const to = (namespace: string) => ({ server: argo.server, namespace })

/** A model folder may hold these kinds, in one namespace, and nothing cluster-scoped. */
export function modelsProject({ cluster }: ClusterPlan): IAppProject {
  const kinds: [string, string][] = [
    ['apps', 'Deployment'],
    ['batch', 'Job'],
    ['', 'Service'],
    ['networking.k8s.io', 'NetworkPolicy'],
    ['policy', 'PodDisruptionBudget'],
    ['keda.sh', 'ScaledObject'],
    ['monitoring.coreos.com', 'PrometheusRule'],
  ]
  const windows = cluster.syncWindows.map((window) => ({
    ...window,
    applications: ['*'],
    // A person may sync by hand in an emergency, and a sync that has begun may end.
    manualSync: true,
    syncOverrun: true,
  }))
  return appProject(argo.projects.models, {
    description: 'One Application per model, in one namespace, without cluster-scoped objects.',
    sourceRepos: [cluster.gitops.repoUrl],
    destinations: [to(namespaces.models)],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: kinds.map(([group, kind]) => ({ group, kind })),
    ...(windows.length > 0 ? { syncWindows: windows } : {}),
  })
}

/** Kinds outside namespaces that our own folders and the add-ons' charts bring. */
const clusterKinds: [string, string][] = [
  ['', 'Namespace'],
  ['apiextensions.k8s.io', 'CustomResourceDefinition'],
  ['apiregistration.k8s.io', 'APIService'],
  ['admissionregistration.k8s.io', 'MutatingWebhookConfiguration'],
  ['admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'],
  ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicy'],
  ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicyBinding'],
  ['rbac.authorization.k8s.io', 'ClusterRole'],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding'],
  ['networking.k8s.io', 'IngressClass'],
  ['elbv2.k8s.aws', 'IngressClassParams'],
  ['scheduling.k8s.io', 'PriorityClass'],
  ['storage.k8s.io', 'StorageClass'],
  ['karpenter.sh', 'NodePool'],
  ['karpenter.k8s.aws', 'EC2NodeClass'],
  ['external-secrets.io', 'ClusterSecretStore'],
]

export function platformProject({ cluster, addons }: ClusterPlan): IAppProject {
  // Karpenter's chart has a Role for node leases.
  const own = [
    namespaces.gateway,
    namespaces.models,
    namespaces.edge,
    namespaces.monitoring,
    // git-watch lives beside Argo CD.
    namespaces.argocd,
    'kube-system',
    'kube-node-lease',
  ]
  const all = [...new Set([...own, ...addons.map(({ addon }) => addon.namespace)])].sort()
  return appProject(argo.projects.platform, {
    description: 'Gateway, edge, nodes and add-ons.',
    sourceRepos: [...new Set([cluster.gitops.repoUrl, ...addons.map(({ addon }) => addon.repoURL)])].sort(),
    destinations: all.map(to),
    clusterResourceWhitelist: clusterKinds.map(([group, kind]) => ({ group, kind })),
    namespaceResourceWhitelist: [{ group: '*', kind: '*' }],
  })
}

export const emptyDefaultProject = (): IAppProject =>
  appProject('default', {
    description: 'Not used: every Application names its project.',
    sourceRepos: [],
    destinations: [],
    clusterResourceWhitelist: [],
  })
