// What a platform is built from: a cluster's file, the tenants who call it, and the secret that no file holds.
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Tenant } from '../generators/schema/tenant.ts'
import type { OriginSecret } from './security/origin-secret-value.ts'

export interface PlatformSettings {
  cluster: Cluster
  /** Where tokens have no audience, the clients of these are let in; left out: nobody’s. */
  tenants?: readonly Tenant[]
  originSecret: OriginSecret
}
