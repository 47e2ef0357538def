// The Pulumi program: the stack's name is the cluster's name; reads its cluster file and the tenants, builds its platform, exports the outputs.
import { resolve } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { buildPlatform } from './build-platform.ts'
import { isApplied, readCluster, readTenants } from './read-cluster.ts'
import { readCanarySecret, readOriginSecret } from './stack-settings.ts'

const root = resolve(import.meta.dirname, '..')
const cluster = readCluster(root, pulumi.getStack())
const config = new pulumi.Config()

export default buildPlatform({
  cluster,
  tenants: readTenants(root),
  originSecret: readOriginSecret(config, { name: cluster.name, isApplied: isApplied(root, cluster.name) }),
  canaryClientSecret: readCanarySecret(config, cluster),
})
