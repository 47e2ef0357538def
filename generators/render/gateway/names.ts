// Names and labels of the gateway's objects, and what decides whether it may ask Prometheus.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { gatewayComponent, labels, namespaces, partOf, serviceAccounts } from '../../schema/contract.ts'

export const gatewayName = serviceAccounts.gateway.name

export const gatewayLabels: Record<string, string> = {
  [labels.name]: gatewayName,
  [labels.component]: gatewayComponent,
  [labels.partOf]: partOf,
}

export const gatewayMetadata = () => ({ name: gatewayName, namespace: namespaces.gateway, labels: gatewayLabels })

/** For them alone the gateway reads Prometheus; without them it has no way there. */
export const hasOperators = ({ tenants }: Pick<ClusterPlan, 'tenants'>): boolean =>
  tenants.some(({ tenant }) => tenant.operatorScope !== undefined)
