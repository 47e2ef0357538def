// Names and labels of the gateway's objects.
import { gatewayComponent, labels, namespaces, partOf, serviceAccounts } from '../../schema/contract.ts'

export const gatewayName = serviceAccounts.gateway.name

export const gatewayLabels: Record<string, string> = {
  [labels.name]: gatewayName,
  [labels.component]: gatewayComponent,
  [labels.partOf]: partOf,
}

export const gatewayMetadata = () => ({ name: gatewayName, namespace: namespaces.gateway, labels: gatewayLabels })
