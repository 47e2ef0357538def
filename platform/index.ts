// The Pulumi program: the stack's name is the cluster's name; reads its cluster file, builds its platform, exports the outputs.
import { resolve } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { buildPlatform } from './build-platform.ts'
import { readCluster } from './read-cluster.ts'
import { readOriginSecret } from './read-origin-secret.ts'

export default buildPlatform({
  cluster: readCluster(resolve(import.meta.dirname, '..'), pulumi.getStack()),
  originSecret: readOriginSecret(new pulumi.Config()),
})
