// Access logs of the distribution, by CloudFront’s second way of logging: delivered to CloudWatch, in us-east-1.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import { accessLogFields } from './plan-edge.ts'

export interface EdgeLogsArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  distributionArn: pulumi.Output<string>
}

export class EdgeLogs extends pulumi.ComponentResource {
  constructor(
    name: string,
    { cluster, encryption, distributionArn }: EdgeLogsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:EdgeLogs', name, {}, options)
    const parent = { parent: this }
    // Below /aws/vendedlogs/ the services that deliver share one resource policy, which has an end at 5,120 characters.
    const group = logGroup(
      `${name}-group`,
      `/aws/vendedlogs/cloudfront/${cluster.name}`,
      { cluster, encryption },
      parent,
    )
    const source = new cloudwatch.LogDeliverySource(
      `${name}-source`,
      { name: `${cluster.name}-edge-access`, logType: 'ACCESS_LOGS', resourceArn: distributionArn },
      parent,
    )
    const destination = new cloudwatch.LogDeliveryDestination(
      `${name}-destination`,
      {
        name: `${cluster.name}-edge-access`,
        outputFormat: 'json',
        deliveryDestinationConfiguration: { destinationResourceArn: group.arn },
      },
      parent,
    )
    new cloudwatch.LogDelivery(
      `${name}-delivery`,
      {
        deliverySourceName: source.name,
        deliveryDestinationArn: destination.arn,
        recordFields: accessLogFields,
      },
      parent,
    )
    this.registerOutputs({})
  }
}
