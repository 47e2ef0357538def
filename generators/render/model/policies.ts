// Who may reach a model pod and what it may reach, and how many of its pods may go at once.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { gatewayComponent, labels, namespaces, ports } from '../../schema/contract.ts'
import { dnsEgress, egressTo, fromNamespace, internetEgress, nobody, s3Egress } from '../network.ts'
import { selectorLabels } from './labels.ts'

type Egress = NonNullable<NonNullable<INetworkPolicy['spec']>['egress']>

/** What is fetched from the Hub needs the internet; weights of S3 need S3, and a bundled model nothing. */
function egress({ weights: { source, store, mirror }, traces }: ModelPlan): Egress {
  if (source === 'image') return [{ to: [nobody] }]
  const weights = store === undefined ? [internetEgress(mirror?.cidrs)] : s3Egress(store.cidrs)
  return [dnsEgress(), ...weights, ...(traces === undefined ? [] : [egressTo(traces.endpoint)])]
}

export const networkPolicy = (model: ModelPlan): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: model.name, namespace: namespaces.models, labels: selectorLabels(model.name) },
  spec: {
    podSelector: { matchLabels: selectorLabels(model.name) },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          fromNamespace(namespaces.gateway, { [labels.component]: gatewayComponent }),
          fromNamespace(namespaces.monitoring),
        ],
        ports: [{ protocol: 'TCP', port: ports.model.number }],
      },
    ],
    egress: egress(model),
  },
})

/** One at a time; `minAvailable` with one replica would block every node drain. */
export const disruptionBudget = ({ name }: ModelPlan): IPodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: namespaces.models, labels: selectorLabels(name) },
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(name) } },
})
