// Everything that AWS is asked, in the order in which a first deployment needs it.
import type { AcceleratorKind } from '../../generators/schema/accelerators.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { zonesCheck } from './account.ts'
import { bootstrapChecks } from './bootstrapped.ts'
import type { Check } from './check.ts'
import { domainChecks } from './domain.ts'
import { existingClusterChecks } from './existing-cluster.ts'
import { quotaChecks } from './quotas.ts'
import { traceChecks } from './traces.ts'
import { versionChecks } from './versions.ts'

/** Beside the account itself, which comes first: answers of another one would mislead. */
export const checksOf = (cluster: Cluster, onSpot: ReadonlySet<AcceleratorKind> = new Set()): Check[] => [
  zonesCheck(cluster),
  ...quotaChecks(cluster, onSpot),
  ...domainChecks(cluster),
  ...bootstrapChecks(cluster),
  ...existingClusterChecks(cluster),
  ...versionChecks(cluster),
  ...traceChecks(cluster),
]
