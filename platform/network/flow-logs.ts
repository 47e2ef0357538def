// Who talked to whom in the VPC, accepted or refused: for investigations, kept as long as every other log.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import { policyJson, trustService } from '../security/policy-document.ts'

export interface FlowLogsArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  vpcId: pulumi.Output<string>
}

/** The least that AWS documents (VPC User Guide, IAM role for publishing flow logs to CloudWatch Logs, read 2026-11-30). */
const flowLogActions = {
  write: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
  look: ['logs:DescribeLogGroups'],
}

export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, { cluster, encryption, vpcId }: FlowLogsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:FlowLogs', name, {}, options)
    const parent = { parent: this }
    const group = logGroup(`${name}-group`, `/slipway/${cluster.name}/vpc-flow`, { cluster, encryption }, parent)
    const role = new iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustService('vpc-flow-logs.amazonaws.com', cluster.account) },
      parent,
    )
    const write = new iam.RolePolicy(
      `${name}-write`,
      {
        role: role.name,
        policy: policyJson([
          {
            Sid: 'WriteFlowLogs',
            Effect: 'Allow',
            Action: flowLogActions.write,
            Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
          },
          { Sid: 'FindGroup', Effect: 'Allow', Action: flowLogActions.look, Resource: '*' },
        ]),
      },
      parent,
    )
    new ec2.FlowLog(
      `${name}-log`,
      {
        vpcId,
        trafficType: 'ALL',
        logDestinationType: 'cloud-watch-logs',
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags: { Name: name },
      },
      { ...parent, dependsOn: [write] },
    )
    this.registerOutputs({})
  }
}
