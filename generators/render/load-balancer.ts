// Annotations by which the AWS Load Balancer Controller treats an Ingress as part of our one ALB.
import { loadBalancer } from '../schema/contract.ts'

const prefix = 'alb.ingress.kubernetes.io'

/** Adds the controller's prefix to every key. */
export const albAnnotations = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}/${key}`, value]))

/**
 * Annotations about the whole balancer. They stand on every Ingress of the group: while one that alone carried them was
 * away, the controller was seen to make a security group of its own.
 */
export const balancerAnnotations = (cluster: string): Record<string, string> => ({
  'group.name': loadBalancer.ingressGroup,
  // Another scheme would make the controller delete the ALB and build a new one.
  scheme: 'internal',
  'target-type': 'ip',
  'ip-address-type': 'ipv4',
  // By Name tag: no AWS id in Git.
  'security-groups': loadBalancer.securityGroupName(cluster),
  // The platform program owns the rules between ALB and pods.
  'manage-backend-security-group-rules': 'false',
  // Exactly the listener that the platform made; the controller deletes listeners on other ports.
  'listen-ports': JSON.stringify([{ HTTP: 80 }]),
})

export const ingressClassName = 'alb'
