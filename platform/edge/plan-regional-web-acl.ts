// The web ACL at the load balancer: behind another one it counts, alone it blocks. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { loadBalancer } from '../../generators/schema/contract.ts'
import { hasCloudFront, hasHttpApi } from '../../generators/schema/edge-kinds.ts'
import { managed, type PlannedWebAcl, rateLimits, refuseBodies } from './plan-web-acl.ts'

/**
 * At the ALB, attached by the anchor Ingress. Every source there is an interface of the edge, so that rate, country and
 * reputation would hit everybody or nobody; the groups only count what the first ACL let through.
 */
const countingWebAcl = (cluster: Cluster): PlannedWebAcl => ({
  name: loadBalancer.webAclName(cluster.name),
  scope: 'REGIONAL',
  description: 'ALB: counts what came through the edge',
  rules: [
    managed('AWSManagedRulesCommonRuleSet', 10, 'count'),
    managed('AWSManagedRulesSQLiRuleSet', 20, 'count'),
    managed('AWSManagedRulesKnownBadInputsRuleSet', 30, 'count'),
  ],
})

/**
 * The only one where there is no CloudFront, so that it blocks. Rates need the address of the caller, which the VPC link of the HTTP
 * API hides; reputation is about addresses of the internet.
 */
const blockingWebAcl = (cluster: Cluster): PlannedWebAcl => ({
  name: loadBalancer.webAclName(cluster.name),
  scope: 'REGIONAL',
  description: 'ALB: attacks in paths, queries and headers, and rates where it sees addresses',
  rules: [
    ...(hasHttpApi(cluster) ? [] : rateLimits(cluster)),
    managed('AWSManagedRulesCommonRuleSet', 20, 'none'),
    managed('AWSManagedRulesSQLiRuleSet', 30, 'none'),
    managed('AWSManagedRulesKnownBadInputsRuleSet', 40, 'none'),
    refuseBodies(50),
  ],
})

export const regionalWebAcl = (cluster: Cluster): PlannedWebAcl =>
  hasCloudFront(cluster) ? countingWebAcl(cluster) : blockingWebAcl(cluster)
