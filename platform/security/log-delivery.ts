// Access logs that a service delivers to CloudWatch by itself: an encrypted group with an end, and the three parts of a delivery.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from './encryption.ts'
import { logGroup } from './log-group.ts'

export interface LogDeliveryArgs {
  cluster: Cluster
  /** Key of the region in which the logs are written. */
  encryption: EncryptionOutputs
  /** Ends of the names, with the cluster’s: of the group behind a slash before it, of the delivery after it. */
  of: { group: string; delivery: string }
  /** What writes the logs, and AWS’s word for which. */
  source: { arn: pulumi.Output<string>; logType: string }
  /** undefined: all that there are. */
  recordFields?: string[]
}

export function deliverLogs(
  name: string,
  { cluster, encryption, of, source: { arn, logType }, recordFields }: LogDeliveryArgs,
  options: pulumi.CustomResourceOptions,
): void {
  // Below /aws/vendedlogs/ the services that deliver share one resource policy, which has an end at 5,120 characters.
  const groupName = `/aws/vendedlogs/${of.group}/${cluster.name}`
  const group = logGroup(`${name}-group`, groupName, { cluster, encryption }, options)
  const given = `${cluster.name}-${of.delivery}`
  const source = new cloudwatch.LogDeliverySource(`${name}-source`, { name: given, logType, resourceArn: arn }, options)
  const destination = new cloudwatch.LogDeliveryDestination(
    `${name}-destination`,
    { name: given, outputFormat: 'json', deliveryDestinationConfiguration: { destinationResourceArn: group.arn } },
    options,
  )
  new cloudwatch.LogDelivery(
    `${name}-delivery`,
    {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.arn,
      ...(recordFields && { recordFields }),
    },
    options,
  )
}
