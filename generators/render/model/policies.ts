// Who may reach a model pod and what it may reach, and how many of its pods may go at once.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { gatewayComponent, labels, namespaces, ports } from '../../schema/contract.ts'
import { dnsEgress, fromNamespace, internetEgress, nobody } from '../network.ts'
import { selectorLabels } from './labels.ts'

export const networkPolicy = ({ name, settings }: ModelPlan): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: namespaces.models, labels: selectorLabels(name) },
  spec: {
    podSelector: { matchLabels: selectorLabels(name) },
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
    // A bundled model fetches nothing, so it may reach nothing.
    egress: settings.bundled ? [{ to: [nobody] }] : [dnsEgress(), internetEgress()],
  },
})

/** One at a time; `minAvailable` with one replica would block every node drain. */
export const disruptionBudget = ({ name }: ModelPlan): IPodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: namespaces.models, labels: selectorLabels(name) },
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(name) } },
})
