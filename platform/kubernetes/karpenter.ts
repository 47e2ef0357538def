// What Karpenter needs outside the cluster: a role for its nodes, a queue of interruptions, and its own rights.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as eks from '@pulumi/aws/eks/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as sqs from '@pulumi/aws/sqs/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { serviceAccounts } from '../../generators/schema/contract.ts'
import { policyJson } from '../security/policy-document.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { NodeRole } from './node-role.ts'
import { needsIdentity } from './plan-existing-cluster.ts'
import {
  interruptionEvents,
  karpenterNodeName,
  karpenterQueueName,
  karpenterStatements,
  queueStatements,
} from './plan-karpenter.ts'
import { PodIdentity } from './pod-identity.ts'

export interface KarpenterOutputs {
  instanceProfileName: pulumi.Output<string>
  queueName: pulumi.Output<string>
}

export interface KarpenterArgs {
  cluster: Cluster
  kubernetes: KubernetesClusterOutputs
}

export class Karpenter extends pulumi.ComponentResource {
  readonly outputs: KarpenterOutputs

  constructor(name: string, { cluster, kubernetes }: KarpenterArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Karpenter', name, {}, options)
    const parent = { parent: this }
    const nodeName = karpenterNodeName(cluster)
    const role = new NodeRole(`${name}-node`, { roleName: nodeName }, parent).outputs
    const profile = new iam.InstanceProfile(`${name}-profile`, { name: nodeName, role: role.name }, parent)
    // Lets its nodes join; managed node groups get such an entry by themselves.
    new eks.AccessEntry(
      `${name}-entry`,
      { clusterName: kubernetes.name, principalArn: role.arn, type: 'EC2_LINUX' },
      parent,
    )
    const queue = this.#queue(name, cluster)
    const statements = karpenterStatements(cluster, {
      clusterArn: kubernetes.arn,
      queueArn: queue.arn,
      nodeRoleArn: role.arn,
    })
    const { karpenter: serviceAccount } = serviceAccounts
    if (needsIdentity(cluster, serviceAccount.name))
      new PodIdentity(`${name}-identity`, { kubernetes, serviceAccount, statements }, parent)
    this.outputs = { instanceProfileName: profile.name, queueName: queue.name }
    this.registerOutputs(this.outputs)
  }

  #queue(name: string, cluster: Cluster): sqs.Queue {
    const parent = { parent: this }
    const queue = new sqs.Queue(
      `${name}-queue`,
      // An interruption older than five minutes has happened.
      { name: karpenterQueueName(cluster), messageRetentionSeconds: 300, sqsManagedSseEnabled: true },
      parent,
    )
    const policy = policyJson(queueStatements(cluster, queue.arn))
    const opened = new sqs.QueuePolicy(`${name}-queue-policy`, { queueUrl: queue.url, policy }, parent)
    for (const [part, { source, detailType }] of Object.entries(interruptionEvents)) {
      const eventPattern = JSON.stringify({ source: [source], 'detail-type': [detailType] })
      const rule = new cloudwatch.EventRule(`${name}-${part}`, { eventPattern, description: detailType }, parent)
      const target = { rule: rule.name, arn: queue.arn }
      new cloudwatch.EventTarget(`${name}-${part}-target`, target, { ...parent, dependsOn: [opened] })
    }
    return queue
  }
}
