// What the platform’s commands have in common: the cluster of --cluster, and files whose mistakes are the user’s.
import { UsageError } from '../generators/command-line/command.ts'
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Tenant } from '../generators/schema/tenant.ts'
import { readCluster, readTenants } from './read-cluster.ts'

/** @throws UsageError without --cluster */
export function given(cluster: string | undefined): string {
  if (cluster === undefined) throw new UsageError('which cluster? Give --cluster C')
  return cluster
}

/** The cluster that --cluster names. @throws UsageError with every mistake in the file */
export const clusterOf = (root: string, name: string | undefined): Cluster =>
  usersMistake(() => readCluster(root, given(name)))

/** @throws UsageError with every mistake in the tenant files */
export const tenantsOf = (root: string): Tenant[] => usersMistake(() => readTenants(root))

function usersMistake<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
