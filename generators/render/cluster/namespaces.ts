// Folders `namespaces` and `namespace-defaults`: the namespaces with their Pod Security labels, and what each begins with: default-deny,
// DNS, quotas, accounts. Two Applications, because a namespace that somebody deletes is still there while its content is
// gone: Argo CD would heal that content alone, and wait in vain for the namespace that only the same Application can make.
import type { Chart } from 'cdk8s'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { collector, targetUrl, xray } from '../../schema/collector.ts'
import {
  argo,
  gatewayComponent,
  gpu,
  labels,
  modelComponent,
  namespaces,
  partOf,
  ports,
  privilegedNamespaces,
  serviceAccounts,
  smokeComponent,
} from '../../schema/contract.ts'
import { namespace, role, serviceAccount } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { apiServerEgress, dnsEgress, egressTo, fromNamespace, nobody, podIdentityEgress } from '../network.ts'
import { pullSecretOf } from '../pull-secret.ts'
import { apiObject, tree } from '../tree.ts'
import { replicaGuard } from './replica-guard.ts'

/** Namespaces in which only our own pods run, and the collector’s: the strictest level, and nothing is allowed that no policy allows. */
const sealedNamespaces = ({ cluster }: ClusterPlan): string[] => [
  ...[namespaces.gateway, namespaces.models, namespaces.edge],
  ...(cluster.telemetry?.collector === undefined ? [] : [namespaces.telemetry]),
]

/** Made by others: kube-system by Kubernetes, argocd by the platform program with Argo CD itself. */
const foreignNamespaces: readonly string[] = ['kube-system', argo.namespace]

const levelOf = (name: string, plan: ClusterPlan): string => {
  if (sealedNamespaces(plan).includes(name)) return 'restricted'
  return privilegedNamespaces.includes(name) ? 'privileged' : 'baseline'
}

function namespaceLabels(name: string, plan: ClusterPlan): Record<string, string> {
  const level = levelOf(name, plan)
  return {
    [labels.partOf]: partOf,
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/warn': level,
    'pod-security.kubernetes.io/audit': level,
    // A rollout waits until the ALB finds the new pod healthy.
    ...(name === namespaces.gateway ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {}),
  }
}

/** A namespace takes everything in it along, so a person confirms. */
const confirmed = { 'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm' }

const policy = (name: string, space: string, spec: NonNullable<INetworkPolicy['spec']>): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: space, labels: { [labels.partOf]: partOf } },
  spec,
})

/** Names carry the namespace, since a file is named after kind and name alone. */
function policies(chart: Chart, space: string): void {
  apiObject(
    chart,
    policy(`${space}-default-deny`, space, {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [nobody] }],
      egress: [{ to: [nobody] }],
    }),
  )
  // Nothing runs in edge.
  if (space === namespaces.edge) return
  apiObject(chart, policy(`${space}-dns`, space, { podSelector: {}, policyTypes: ['Egress'], egress: [dnsEgress()] }))
}

/** The smoke tests ask the gateway, and the API server whether the rollout is over. */
const smokeReach = (plan: ClusterPlan): NonNullable<INetworkPolicy['spec']> => ({
  podSelector: { matchLabels: { [labels.component]: smokeComponent } },
  policyTypes: ['Ingress', 'Egress'],
  ingress: [{ from: [nobody] }],
  egress: [
    {
      to: [fromNamespace(namespaces.gateway, { [labels.component]: gatewayComponent })],
      ports: [{ protocol: 'TCP', port: ports.gateway.number }],
    },
    apiServerEgress(plan),
  ],
})

/**
 * The gateway and the engines send to the collector, which is alone in its namespace; it sends to its target, for X-Ray with a role that it
 * gets from the Pod Identity agent.
 */
const collectorReach = (cluster: Cluster): NonNullable<INetworkPolicy['spec']> => ({
  podSelector: {},
  policyTypes: ['Ingress', 'Egress'],
  ingress: [
    {
      from: [
        fromNamespace(namespaces.gateway, { [labels.component]: gatewayComponent }),
        fromNamespace(namespaces.models, { [labels.component]: modelComponent }),
      ],
      ports: [{ protocol: 'TCP', port: collector.port }],
    },
  ],
  egress: [egressTo(targetUrl(cluster)), ...(cluster.telemetry?.collector === xray ? [podIdentityEgress()] : [])],
})

/** Nobody opens a way around the ALB; models may use as many GPUs as the cluster may have. */
function quota({ cluster }: ClusterPlan, space: string): IResourceQuota {
  const gpus = Object.values(cluster.gpu.maxGpus).reduce((sum, count) => sum + (count ?? 0), 0)
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: space, namespace: space, labels: { [labels.partOf]: partOf } },
    spec: {
      hard: {
        'services.loadbalancers': 0,
        'services.nodeports': 0,
        ...(space === namespaces.models ? { [`requests.${gpu.resource}`]: gpus } : {}),
      },
    },
  }
}

export function renderNamespaces(plan: ClusterPlan): Manifest[] {
  const addons = plan.addons.map(({ addon }) => addon.namespace)
  const names = [...new Set([...sealedNamespaces(plan), namespaces.monitoring, ...addons])].filter(
    (name) => !foreignNamespaces.includes(name),
  )
  return tree({ cluster: plan.cluster.name, app: 'namespaces', source: plan.source.path }, (chart) => {
    for (const name of names.sort()) namespace(chart, name, namespaceLabels(name, plan), confirmed)
  })
}

export const renderNamespaceDefaults = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'namespace-defaults', source: plan.source.path }, (chart) => {
    for (const name of sealedNamespaces(plan)) {
      policies(chart, name)
      apiObject(chart, quota(plan, name))
    }
    for (const object of replicaGuard) apiObject(chart, object)
    const smoke = { ...serviceAccounts.smoke, labels: { [labels.partOf]: partOf } }
    serviceAccount(chart, smoke, { automountToken: false, pullSecret: pullSecretOf(plan) })
    role(chart, {
      ...smoke,
      rules: [{ group: 'apps', resources: ['deployments'], verbs: ['get'] }],
      subject: serviceAccounts.smoke,
    })
    apiObject(chart, policy(`${namespaces.models}-smoke`, namespaces.models, smokeReach(plan)))
    if (plan.cluster.telemetry?.collector !== undefined)
      apiObject(chart, policy(`${namespaces.telemetry}-collector`, namespaces.telemetry, collectorReach(plan.cluster)))
    serviceAccount(
      chart,
      { ...serviceAccounts.model, labels: { [labels.partOf]: partOf } },
      { automountToken: false, pullSecret: pullSecretOf(plan) },
    )
  })
