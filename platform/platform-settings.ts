// What a platform is built from: a cluster's file, and the secret that no file holds.
import type { Cluster } from '../generators/schema/cluster.ts'
import type { OriginSecret } from './security/origin-secret-value.ts'

export interface PlatformSettings {
  cluster: Cluster
  originSecret: OriginSecret
}
