// What makes an Ingress a part of our one ALB for the AWS Load Balancer Controller: annotations, and our own class of Ingresses.
import type { IIngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass'
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import type { Cluster } from '../schema/cluster.ts'
import { labels, loadBalancer, partOf } from '../schema/contract.ts'
import { listenerOf } from '../schema/edge-kinds.ts'

const prefix = 'alb.ingress.kubernetes.io'

/** Adds the controller's prefix to every key. */
export const albAnnotations = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}/${key}`, value]))

/**
 * Annotations about the whole balancer. They are on every Ingress of the group: while one that alone carried them was
 * away, the controller was seen to make a security group of its own.
 */
export const balancerAnnotations = (cluster: Cluster): Record<string, string> => ({
  'group.name': loadBalancer.ingressGroup,
  // Another scheme would make the controller delete the ALB and build a new one.
  scheme: 'internal',
  'target-type': 'ip',
  'ip-address-type': 'ipv4',
  // By Name tag: no AWS id in Git.
  'security-groups': loadBalancer.securityGroupName(cluster.name),
  // The platform program owns the rules between ALB and pods.
  'manage-backend-security-group-rules': 'false',
  // Exactly the listener that the platform made; the controller deletes listeners on other ports.
  'listen-ports': JSON.stringify([listenPort(cluster)]),
})

function listenPort(cluster: Cluster): Record<string, number> {
  const { protocol, port } = listenerOf(cluster)
  return { [protocol]: port }
}

/** Ours, not the chart’s `alb`: it comes with the settings of the balancer. */
export const ingressClassName = 'slipway'

const attributes: Record<string, string> = {
  'deletion_protection.enabled': 'true',
  'idle_timeout.timeout_seconds': String(loadBalancer.idleTimeoutSeconds),
  'routing.http.drop_invalid_header_fields.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
}

const metadata = { name: ingressClassName, labels: { [labels.partOf]: partOf } }

/** elbv2.k8s.aws/v1beta1, the part of it that is used here; no package has types of it. */
export interface IngressClassParams {
  apiVersion: 'elbv2.k8s.aws/v1beta1'
  kind: 'IngressClassParams'
  metadata: typeof metadata
  spec: {
    loadBalancerAttributes: { key: string; value: string }[]
    wafv2AclName: string
    certificateArn?: string[]
    sslPolicy?: string
    subnets?: { ids: string[] }
  }
}

/**
 * Attributes and web ACL of the balancer. Not as annotations of one Ingress: they would be away while it is, and an Ingress whose
 * annotation protects the balancer from deletion can itself not be deleted: it would stay in `Terminating`, with every
 * change of the balancer, until somebody removes its finalizer. The balancer is kept by IAM (platform/load-balancer/plan-load-balancer.ts).
 * Its certificate by ARN: what the controller would find itself is every one of the account that has the domain.
 */
export const ingressClassParams = ({ cluster, infra }: Pick<ClusterPlan, 'cluster' | 'infra'>): IngressClassParams => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'IngressClassParams',
  metadata,
  spec: {
    loadBalancerAttributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    wafv2AclName: loadBalancer.webAclName(cluster.name),
    ...(listenerOf(cluster).protocol === 'HTTPS' && {
      certificateArn: [cluster.edge.certificates?.edge ?? infra.certificateArn],
      sslPolicy: loadBalancer.tlsPolicy,
    }),
    // Those that the platform makes are found by their tag.
    ...(cluster.network.existing && {
      subnets: { ids: cluster.network.existing.subnets.loadBalancer.map(({ id }) => id) },
    }),
  },
})

export const ingressClass: IIngressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata,
  spec: {
    controller: 'ingress.k8s.aws/alb',
    parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: ingressClassName },
  },
}
