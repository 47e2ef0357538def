// The Pulumi program: the stack's name is the cluster's name; reads its cluster file, builds its platform, exports the outputs.
import { resolve } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { buildPlatform } from './build-platform.ts'
import { readCluster } from './read-cluster.ts'

const config = new pulumi.Config()
const previous = config.getSecret('originSecretPrevious')

const outputs = buildPlatform({
  cluster: readCluster(resolve(import.meta.dirname, '..'), pulumi.getStack()),
  originSecret: { current: config.requireSecret('originSecret'), ...(previous === undefined ? {} : { previous }) },
})

export default outputs
