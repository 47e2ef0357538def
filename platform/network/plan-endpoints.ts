// Which AWS services the nodes reach by a private address, and why each. What is not here goes through NAT: the Hugging Face
// Hub, public registries, issuers, and WAF and pricing, which have no endpoint (or only in us-east-1).
import type { Cluster } from '../../generators/schema/cluster.ts'
import { environments } from '../../generators/schema/environments.ts'
import type { Statement } from '../security/policy-document.ts'

/** Free, and image layers are most of what a node loads. */
export const gatewayEndpoint = 's3'

/** What programs do with a bucket; nobody administers one from a node. */
const bucketActions = [
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:GetBucketLocation',
  's3:ListBucket',
  's3:ListBucketMultipartUploads',
  's3:ListMultipartUploadParts',
  's3:PutObject',
]

/**
 * What may pass it. Anything may be read: image layers of ECR, of registry.k8s.io and of others lie in buckets of theirs, under addresses that they
 * sign. Everything else only between the account and itself: nobody carries data away with keys of another account.
 */
export const gatewayStatements = ({ account }: Cluster): Statement[] => [
  { Sid: 'Read', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' },
  {
    Sid: 'OwnBuckets',
    Effect: 'Allow',
    Principal: '*',
    Action: bucketActions,
    Resource: '*',
    Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
  },
]

/** Last part of the service name → who breaks, or pays NAT, without it. */
export const interfaceEndpoints: Record<string, string> = {
  ec2: 'VPC CNI gives pods their addresses, Karpenter starts nodes, the CSI driver attaches disks',
  'ecr.api': 'nodes ask where the images of the EKS add-ons are',
  'ecr.dkr': 'nodes pull them',
  eks: 'a node asks for its cluster when it starts',
  'eks-auth': 'Pod Identity: every controller’s credentials',
  elasticloadbalancing: 'the Load Balancer Controller registers gateway pods',
  logs: 'the log shipper sends what pods print',
  secretsmanager: 'External Secrets reads both secrets',
  sqs: 'Karpenter hears of spot interruptions two minutes ahead',
  ssm: 'Karpenter looks up the AMI of a release',
  sts: 'a runner inside the VPC signs tokens of the Kubernetes API',
}

export const plannedInterfaceEndpoints = ({ environment }: Cluster): string[] =>
  environments[environment].interfaceEndpoints ? Object.keys(interfaceEndpoints) : []
