// Access logs of the ALB: what it answered by itself, which no other log has.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { deliverLogs } from '../security/log-delivery.ts'

export interface LoadBalancerLogsArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  loadBalancerArn: pulumi.Output<string>
}

export class LoadBalancerLogs extends pulumi.ComponentResource {
  constructor(
    name: string,
    { cluster, encryption, loadBalancerArn }: LoadBalancerLogsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:LoadBalancerLogs', name, {}, options)
    deliverLogs(
      name,
      {
        cluster,
        encryption,
        of: { group: 'load-balancer', delivery: 'load-balancer-access' },
        // CloudWatch Logs API, PutDeliverySource, read 2026-11-30. The older way, the balancer’s own attribute, writes to a bucket
        // alone, under S3’s key and no other.
        source: { arn: loadBalancerArn, logType: 'ALB_ACCESS_LOGS' },
      },
      { parent: this },
    )
    this.registerOutputs({})
  }
}
