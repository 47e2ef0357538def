// Access logs of the distribution, in us-east-1.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { deliverLogs } from '../security/log-delivery.ts'
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
    deliverLogs(
      name,
      {
        cluster,
        encryption,
        of: { group: 'cloudfront', delivery: 'edge-access' },
        source: { arn: distributionArn, logType: 'ACCESS_LOGS' },
        recordFields: accessLogFields,
      },
      { parent: this },
    )
    this.registerOutputs({})
  }
}
