// What Karpenter may do and hears about. After its published policy for 1.14 (github.com/aws/karpenter-provider-aws,
// getting-started cloudformation.yaml), without instance profiles: ours is made here, so it needs no right to write IAM. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { Statement } from '../security/policy-document.ts'

/** Karpenter’s names of things; the rendered node classes and the chart’s values say the same. */
export const karpenterNodeName = (cluster: Cluster): string => `${cluster.name}-karpenter-node`
export const karpenterQueueName = (cluster: Cluster): string => `${cluster.name}-karpenter`

/** Events of EC2 that take a node away; Karpenter moves its pods first. */
export const interruptionEvents: Record<string, { source: string; detailType: string }> = {
  spot: { source: 'aws.ec2', detailType: 'EC2 Spot Instance Interruption Warning' },
  rebalance: { source: 'aws.ec2', detailType: 'EC2 Instance Rebalance Recommendation' },
  state: { source: 'aws.ec2', detailType: 'EC2 Instance State-change Notification' },
  reservation: { source: 'aws.ec2', detailType: 'EC2 Capacity Reservation Instance Interruption Warning' },
  health: { source: 'aws.health', detailType: 'AWS Health Event' },
}

type Resource = Statement['Resource']

/** Only EventBridge rules of this account, and nobody without TLS. */
export const queueStatements = ({ account }: Cluster, queueArn: Resource): Statement[] => [
  {
    Sid: 'EventsOfTheAccount',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  },
  {
    Sid: 'NoPlainText',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 'sqs:*',
    Resource: queueArn,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
]

interface KarpenterResources {
  clusterArn: Resource
  queueArn: Resource
  nodeRoleArn: Resource
}

const read = ['Images', 'Instances', 'InstanceStatus', 'InstanceTypeOfferings', 'InstanceTypes', 'LaunchTemplates']
const readMore = ['CapacityReservations', 'PlacementGroups', 'SecurityGroups', 'SpotPriceHistory', 'Subnets']

export function karpenterStatements(cluster: Cluster, made: KarpenterResources): Statement[] {
  const ec2 = (...kinds: string[]) => kinds.map((kind) => `arn:aws:ec2:${cluster.region}:${cluster.account}:${kind}/*`)
  // Images and snapshots belong to other accounts.
  const foreign = (...kinds: string[]) => kinds.map((kind) => `arn:aws:ec2:${cluster.region}::${kind}/*`)
  const instanceParts = [
    'fleet',
    'instance',
    'volume',
    'network-interface',
    'launch-template',
    'spot-instances-request',
  ]
  const owned = (place: 'ResourceTag' | 'RequestTag') => ({
    StringEquals: { [`aws:${place}/kubernetes.io/cluster/${cluster.name}`]: 'owned' },
    StringLike: { [`aws:${place}/karpenter.sh/nodepool`]: '*' },
  })
  const asked = owned('RequestTag')
  const askedByName = {
    ...asked,
    StringEquals: { ...asked.StringEquals, 'aws:RequestTag/eks:eks-cluster-name': cluster.name },
  }
  return [
    {
      Sid: 'UseImagesAndSubnets',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
      Resource: [
        ...foreign('image', 'snapshot'),
        ...ec2('image', 'snapshot', 'security-group', 'subnet', 'capacity-reservation', 'placement-group'),
      ],
    },
    {
      Sid: 'UseOwnLaunchTemplates',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
      Resource: ec2('launch-template'),
      Condition: owned('ResourceTag'),
    },
    {
      Sid: 'StartOwnInstances',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
      Resource: ec2(...instanceParts),
      Condition: askedByName,
    },
    {
      Sid: 'TagWhatItStarts',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: ec2(...instanceParts),
      Condition: {
        ...askedByName,
        StringEquals: {
          ...askedByName.StringEquals,
          'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate'],
        },
      },
    },
    {
      Sid: 'NameOwnInstances',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: ec2('instance'),
      Condition: {
        ...owned('ResourceTag'),
        StringEqualsIfExists: { 'aws:RequestTag/eks:eks-cluster-name': cluster.name },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['eks:eks-cluster-name', 'karpenter.sh/nodeclaim', 'Name'] },
      },
    },
    {
      Sid: 'RemoveOwnInstances',
      Effect: 'Allow',
      Action: ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate'],
      Resource: ec2('instance', 'launch-template'),
      Condition: owned('ResourceTag'),
    },
    {
      Sid: 'ReadTheRegion',
      Effect: 'Allow',
      Action: [...read, ...readMore].map((noun) => `ec2:Describe${noun}`),
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': cluster.region } },
    },
    {
      Sid: 'FindImages',
      Effect: 'Allow',
      Action: 'ssm:GetParameter',
      Resource: `arn:aws:ssm:${cluster.region}::parameter/aws/service/*`,
    },
    { Sid: 'ReadPrices', Effect: 'Allow', Action: 'pricing:GetProducts', Resource: '*' },
    { Sid: 'FindInstanceProfiles', Effect: 'Allow', Action: 'iam:ListInstanceProfiles', Resource: '*' },
    {
      Sid: 'ReadTheInstanceProfile',
      Effect: 'Allow',
      Action: 'iam:GetInstanceProfile',
      Resource: `arn:aws:iam::${cluster.account}:instance-profile/${karpenterNodeName(cluster)}`,
    },
    {
      Sid: 'GiveNodesTheirRole',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: made.nodeRoleArn,
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
    {
      Sid: 'ReceiveInterruptions',
      Effect: 'Allow',
      Action: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
      Resource: made.queueArn,
    },
    { Sid: 'FindTheApiServer', Effect: 'Allow', Action: 'eks:DescribeCluster', Resource: made.clusterArn },
  ]
}
