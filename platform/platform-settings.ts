// What a platform is built from: a cluster's file, the tenants who call it, and the secrets that no file holds.
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Tenant } from '../generators/schema/tenant.ts'
import type { OriginSecret } from './security/origin-secret-value.ts'

export interface PlatformSettings {
  cluster: Cluster
  /** Where tokens have no audience, the clients of these are let in; left out: nobody’s. */
  tenants?: readonly Tenant[]
  originSecret: OriginSecret
  /** Of the canary’s client, when the cluster file names one. */
  canaryClientSecret?: pulumi.Input<string>
}
