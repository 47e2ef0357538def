// The gateway's Ingress: one path on the ALB that the platform made and the Load Balancer Controller keeps.
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import type { Cluster } from '../../schema/cluster.ts'
import { gatewayShutdown, loadBalancer, paths, ports } from '../../schema/contract.ts'
import { albAnnotations, balancerAnnotations, ingressClassName } from '../load-balancer.ts'
import { gatewayMetadata, gatewayName } from './names.ts'

export const gatewayIngress = (cluster: Cluster): IIngress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    ...gatewayMetadata(),
    annotations: albAnnotations({
      ...balancerAnnotations(cluster),
      'group.order': loadBalancer.gatewayOrder,
      'healthcheck-protocol': 'HTTP',
      'healthcheck-port': String(ports.gatewayAdmin.number),
      'healthcheck-path': paths.ready,
      'healthcheck-interval-seconds': '10',
      'healthcheck-timeout-seconds': '5',
      'healthy-threshold-count': '2',
      'unhealthy-threshold-count': '2',
      'success-codes': '200',
      'backend-protocol': 'HTTP',
      'target-group-attributes': [
        `deregistration_delay.timeout_seconds=${gatewayShutdown.deregistrationSeconds}`,
        // Streams differ in length, so counting requests in turn spreads them badly.
        'load_balancing.algorithm.type=least_outstanding_requests',
      ].join(','),
    }),
  },
  spec: {
    ingressClassName,
    rules: [
      {
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: gatewayName, port: { name: ports.gateway.name } } },
            },
          ],
        },
      },
    ],
  },
})
