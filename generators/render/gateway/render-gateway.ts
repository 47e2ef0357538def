// The folder of the gateway.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { issuerAuthority, namespaces, ports, serviceAccounts } from '../../schema/contract.ts'
import { configMap, role, service, serviceAccount } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { pullSecretOf } from '../pull-secret.ts'
import { apiObject, tree } from '../tree.ts'
import { gatewayDeployment } from './deployment.ts'
import { gatewayIngress } from './ingress.ts'
import { gatewayLabels, gatewayMetadata } from './names.ts'
import { gatewayNetworkPolicy } from './network-policy.ts'
import { autoscaler, gatewayBudget } from './scaling.ts'

const watch = ['get', 'list', 'watch'] as const

export const renderGateway = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'gateway', source: plan.gateway.source.path }, (chart) => {
    apiObject(chart, gatewayDeployment(plan))
    apiObject(chart, autoscaler(plan.gateway.settings))
    apiObject(chart, gatewayBudget())
    apiObject(chart, gatewayIngress(plan.cluster))
    apiObject(chart, gatewayNetworkPolicy(plan))
    const authority = plan.cluster.oidc.private?.certificateAuthority
    if (authority !== undefined)
      configMap(chart, { ...gatewayMetadata(), name: issuerAuthority.name }, { [issuerAuthority.file]: authority })
    service(chart, { ...gatewayMetadata(), selector: gatewayLabels, ports: [ports.gateway, ports.gatewayAdmin] })
    serviceAccount(chart, gatewayMetadata(), { automountToken: true, pullSecret: pullSecretOf(plan) })
    const subject = serviceAccounts.gateway
    const endpoints = { group: 'discovery.k8s.io', resources: ['endpointslices'], verbs: watch }
    // Models are found by their Services; their pods by EndpointSlices.
    role(chart, {
      name: 'gateway-discovery',
      namespace: namespaces.models,
      labels: gatewayLabels,
      // Pods and events say how far a model is that wakes, and why one cannot.
      rules: [{ group: '', resources: ['services', 'pods', 'events'], verbs: watch }, endpoints],
      subject,
    })
    // Tenants, and how many gateway pods share a quota.
    role(chart, {
      name: 'gateway-tenants',
      namespace: namespaces.gateway,
      labels: gatewayLabels,
      rules: [{ group: '', resources: ['configmaps'], verbs: watch }, endpoints],
      subject,
    })
  })
