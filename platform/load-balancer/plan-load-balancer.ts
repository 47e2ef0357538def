// The internal ALB as the Load Balancer Controller will find and keep it: tags, attributes, first answer, guard. Pure.
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { loadBalancer, ports } from '../../generators/schema/contract.ts'
import type { Statement } from '../security/policy-document.ts'

/** By these three tags, and the VPC, the controller takes an ALB for its own (pkg/deploy/tracking/provider.go). */
export const adoptionTags = (cluster: Cluster): Record<string, string> => ({
  'elbv2.k8s.aws/cluster': cluster.name,
  'ingress.k8s.aws/stack': loadBalancer.ingressGroup,
  'ingress.k8s.aws/resource': 'LoadBalancer',
})

/** As the anchor Ingress says too, so that adoption changes nothing. */
export const balancerSettings = (cluster: Cluster) => ({
  // At most 32 characters: Pulumi’s random suffix would not fit.
  name: cluster.name,
  internal: true,
  loadBalancerType: 'application',
  ipAddressType: 'ipv4',
  enableDeletionProtection: true,
  idleTimeout: loadBalancer.idleTimeoutSeconds,
  dropInvalidHeaderFields: true,
  desyncMitigationMode: 'defensive',
  tags: { Name: cluster.name, ...adoptionTags(cluster) },
})

/** As the class of our Ingresses says too. */
export const tlsOf = (certificateArn: pulumi.Output<string> | undefined) =>
  certificateArn && { certificateArn, sslPolicy: loadBalancer.tlsPolicy }

/** What belongs to the controller from adoption on. */
export const ownedByController = {
  balancer: ['securityGroups', 'tags', 'tagsAll'],
  listener: ['defaultActions', 'tags', 'tagsAll'],
}

/** Answer of the listener until Argo CD has synced the Ingresses: the shape of an OpenAI error. */
export const notSyncedAnswer = {
  contentType: 'application/json',
  statusCode: '502',
  messageBody: JSON.stringify({
    error: {
      message: 'The gateway is not deployed yet',
      type: 'server_error',
      param: null,
      code: 'gateway_not_deployed',
    },
  }),
}

/** Container ports that the ALB reaches: traffic, and the health check. */
export const backendPorts = [ports.gateway, ports.gatewayAdmin]

/** The controller’s own policy lets it delete what it adopted; this does not, whatever happens to the Ingresses. */
export const deletionGuard = (
  loadBalancerArn: Statement['Resource'],
  listenerArn: Statement['Resource'],
): Statement[] => [
  {
    Sid: 'KeepLoadBalancer',
    Effect: 'Deny',
    Action: 'elasticloadbalancing:DeleteLoadBalancer',
    Resource: loadBalancerArn,
  },
  { Sid: 'KeepListener', Effect: 'Deny', Action: 'elasticloadbalancing:DeleteListener', Resource: listenerArn },
]
