// Who may reach the gateway, and what it may reach.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { labels, modelComponent, namespaces, ports, prometheusUrl, smokeComponent } from '../../schema/contract.ts'
import { issuerPort } from '../../schema/private-issuer.ts'
import { apiServerEgress, dnsEgress, egressTo, fromNamespace, internetEgress } from '../network.ts'
import { gatewayLabels, gatewayMetadata, hasOperators } from './names.ts'

const tcp = (port: number) => ({ protocol: 'TCP' as const, port })
const block = (cidr: string) => ({ ipBlock: { cidr } })

/** To the key set of the issuer. */
const issuerEgress = ({ private: inside, jwksUri }: ClusterPlan['cluster']['oidc']) =>
  inside === undefined ? internetEgress() : { to: inside.cidrs.map(block), ports: [tcp(issuerPort(jwksUri))] }

export const gatewayNetworkPolicy = (plan: ClusterPlan): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: gatewayMetadata(),
  spec: {
    podSelector: { matchLabels: gatewayLabels },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      // The ALB's addresses are no pods, so it is named by its subnets; it also checks health on the admin port.
      {
        from: plan.subnets.loadBalancer.map(block),
        ports: [tcp(ports.gateway.number), tcp(ports.gatewayAdmin.number)],
      },
      {
        from: [fromNamespace(namespaces.models, { [labels.component]: smokeComponent })],
        ports: [tcp(ports.gateway.number)],
      },
      { from: [fromNamespace(namespaces.monitoring)], ports: [tcp(ports.gatewayAdmin.number)] },
    ],
    egress: [
      dnsEgress(),
      {
        to: [fromNamespace(namespaces.models, { [labels.component]: modelComponent })],
        ports: [tcp(ports.model.number)],
      },
      apiServerEgress(plan),
      issuerEgress(plan.cluster.oidc),
      ...(plan.cluster.telemetry === undefined ? [] : [egressTo(plan.cluster.telemetry.otlpEndpoint)]),
      ...(hasOperators(plan) ? [egressTo(prometheusUrl)] : []),
    ],
  },
})
