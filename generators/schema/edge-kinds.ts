// The kinds of an edge: which parts are in front of the load balancer, and what follows from it.
import type { Cluster } from './cluster.ts'
import { apiDomain } from './contract.ts'

export const edgeKindNames = ['cloudfront', 'api', 'none'] as const
export type EdgeKind = (typeof edgeKindNames)[number]

type Edged = Pick<Cluster, 'domain' | 'edge'>

export const hasCloudFront = ({ edge }: Pick<Cluster, 'edge'>): boolean => edge.kind === 'cloudfront'

export const hasHttpApi = ({ edge }: Pick<Cluster, 'edge'>): boolean => edge.kind !== 'none'

/** Host name of the HTTP API: behind CloudFront one of its own, else the public one. */
export const apiHost = (cluster: Edged): string => (hasCloudFront(cluster) ? apiDomain(cluster.domain) : cluster.domain)

/** The listener of the load balancer: inside the VPC plain HTTP comes from VPC link and VPC origin; clients themselves speak TLS. */
export const listenerOf = (cluster: Pick<Cluster, 'edge'>): { protocol: 'HTTP' | 'HTTPS'; port: number } =>
  hasHttpApi(cluster) ? { protocol: 'HTTP', port: 80 } : { protocol: 'HTTPS', port: 443 }
