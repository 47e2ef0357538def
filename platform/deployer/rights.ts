// What the deployer that runs `pulumi up` may do. Data only; a test compares the types of all rows with those of the graph. Braces are filled
// in: {account}, {region}, {cluster}, {domain}.
import type { EdgeKind } from '../../generators/schema/edge-kinds.ts'
import { clusterRights } from './cluster-rights.ts'
import { edgeRights } from './edge-rights.ts'
import type { Right } from './right.ts'
import { watchRights } from './watch-rights.ts'

export const rights: readonly Right[] = [...clusterRights, ...edgeRights, ...watchRights]

/** Those of the parts that an edge of the kind has. */
export const rightsFor = (kind: EdgeKind): Right[] =>
  rights.filter(({ edges }) => edges === undefined || edges.includes(kind))

/** Looks, without data: no objects, no secret values, no log lines. */
export const readActions: readonly string[] = [
  'acm:Describe*',
  'acm:List*',
  'apigateway:GET',
  'budgets:ViewBudget',
  'budgets:ListTagsForResource',
  // Not GetDistribution: it shows the origin secret, which only those may know who can decrypt the state (plan-template.ts).
  'cloudfront:GetCachePolicy*',
  'cloudfront:GetMonitoringSubscription',
  'cloudfront:GetResponseHeadersPolicy*',
  'cloudfront:GetVpcOrigin*',
  'cloudfront:List*',
  'cloudwatch:Describe*',
  'cloudwatch:GetDashboard',
  'cloudwatch:List*',
  'ec2:Describe*',
  'eks:Describe*',
  'eks:List*',
  'elasticloadbalancing:Describe*',
  'events:Describe*',
  'events:List*',
  'iam:Get*',
  'iam:List*',
  'kms:Describe*',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:List*',
  'logs:Describe*',
  'logs:GetDelivery*',
  'logs:List*',
  'route53:Get*',
  'route53:List*',
  's3:GetAccelerateConfiguration',
  's3:GetBucket*',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListAllMyBuckets',
  's3:ListBucket',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetResourcePolicy',
  'sns:Get*',
  'sns:List*',
  'sqs:GetQueue*',
  'sqs:List*',
  'tag:GetResources',
  'wafv2:Get*',
  'wafv2:List*',
]

/** Roles are handed only to the services that run as them. */
export const passedTo = [
  'ec2.amazonaws.com',
  'eks.amazonaws.com',
  'events.amazonaws.com',
  'pods.eks.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
] as const
