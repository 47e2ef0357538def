// The Pulumi program: the stack's name is the cluster's name; reads its cluster file and the tenants, builds its platform, exports the outputs.
import { resolve } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { buildPlatform } from './build-platform.ts'
import { readCluster, readTenants } from './read-cluster.ts'
import { readOriginSecret } from './read-origin-secret.ts'

const root = resolve(import.meta.dirname, '..')

export default buildPlatform({
  cluster: readCluster(root, pulumi.getStack()),
  tenants: readTenants(root),
  originSecret: readOriginSecret(new pulumi.Config()),
})
