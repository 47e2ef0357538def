// Tags of every AWS resource. The providers add them; the load balancer's controller is configured to leave exactly these keys.
import type { Cluster } from '../generators/schema/cluster.ts'

export const defaultTags = (cluster: Cluster): Record<string, string> => ({
  ...cluster.tags,
  project: 'slipway',
  cluster: cluster.name,
  environment: cluster.environment,
  'managed-by': 'pulumi',
})
