// Every log group of the platform: a fixed name, an end and a key. Without them CloudWatch keeps logs forever.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from './encryption.ts'

export const logGroup = (
  resourceName: string,
  groupName: string,
  /** The key of the region in which the group is made. */
  { cluster, encryption }: { cluster: Cluster; encryption: EncryptionOutputs },
  options: pulumi.CustomResourceOptions,
): cloudwatch.LogGroup =>
  new cloudwatch.LogGroup(
    resourceName,
    {
      name: groupName,
      retentionInDays: cluster.monitoring.logRetentionDays,
      kmsKeyId: encryption.keyArn,
    },
    options,
  )
