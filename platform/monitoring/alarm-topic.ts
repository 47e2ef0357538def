// Where alarms of one region go: an encrypted topic that only alarms of this account may write to, and who reads it.
import * as sns from '@pulumi/aws/sns/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { policyJson } from '../security/policy-document.ts'
import { topicStatements } from './plan-alarm-topic.ts'

export interface AlarmTopicOutputs {
  arn: pulumi.Output<string>
}

export interface AlarmTopicArgs {
  cluster: Cluster
  region: string
  /** Key of that region; its policy lets CloudWatch and Budgets use it. */
  encryption: EncryptionOutputs
}

export class AlarmTopic extends pulumi.ComponentResource {
  readonly outputs: AlarmTopicOutputs

  constructor(name: string, args: AlarmTopicArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:AlarmTopic', name, {}, options)
    const { cluster, region, encryption } = args
    const parent = { parent: this }
    const topic = new sns.Topic(`${name}-topic`, { name, kmsMasterKeyId: encryption.keyArn }, parent)
    new sns.TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: policyJson(topicStatements({ account: cluster.account, region }, topic.arn)) },
      parent,
    )
    // AWS sends each address one message that must be confirmed.
    for (const [index, endpoint] of cluster.monitoring.emails.entries())
      new sns.TopicSubscription(`${name}-email-${index}`, { topic: topic.arn, protocol: 'email', endpoint }, parent)
    this.outputs = { arn: topic.arn }
    this.registerOutputs(this.outputs)
  }
}
