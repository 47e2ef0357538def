// Infra outputs, clusters/C/infra.json: what the platform program made. Written by it, committed by pull request.
import Type, { type Static } from 'typebox'
import { cidr, oneOf, strict } from './fields.ts'

const arn = (description: string) => Type.String({ pattern: '^arn:aws[a-z-]*:', description })

export const infraSchema = strict(
  {
    status: oneOf(['example', 'applied'], { description: 'example: made up, the stack has never run; synth warns.' }),
    accountId: Type.String({ pattern: '^[0-9]{12}$', description: 'Account of the stack.' }),
    region: Type.String({ description: 'Region of the stack.' }),
    vpcId: Type.String({ pattern: '^vpc-[0-9a-f]+$', description: 'VPC.' }),
    vpcCidr: cidr('Range of the VPC.'),
    clusterName: Type.String({ description: 'Name of the EKS cluster; equals the folder’s name.' }),
    clusterEndpoint: Type.String({ pattern: '^https://', description: 'Kubernetes API.' }),
    kubernetesVersion: Type.String({ pattern: '^1\\.[0-9]+$', description: 'Minor version.' }),
    loadBalancerArn: arn('Internal ALB.'),
    listenerArn: arn('Its listener.'),
    loadBalancerDomain: Type.Optional(
      Type.String({
        description: 'Its host name, where clients reach it themselves: what a record of your own points at.',
      }),
    ),
    apiId: Type.Optional(Type.String({ pattern: '^[a-z0-9]+$', description: 'HTTP API.' })),
    apiDomain: Type.Optional(Type.String({ description: 'Regional domain of the HTTP API.' })),
    distributionId: Type.Optional(Type.String({ pattern: '^E[A-Z0-9]+$', description: 'CloudFront distribution.' })),
    distributionDomain: Type.Optional(Type.String({ pattern: '\\.cloudfront\\.net$', description: 'Its host name.' })),
    certificateArn: arn('Certificate of the domain, where CloudFront or the parts in the region read it.'),
    nodeInstanceProfile: Type.String({ description: 'Instance profile of Karpenter’s nodes.' }),
    interruptionQueue: Type.String({ description: 'SQS queue of Karpenter.' }),
    weightsBucket: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
        description: 'S3 bucket of weights; not there: the stack was applied before it had one.',
      }),
    ),
    s3Cidrs: Type.Optional(
      Type.Array(cidr('Range.'), {
        minItems: 1,
        description: 'Addresses of S3 in the region, which the gateway endpoint routes: all that pods may reach of it.',
      }),
    ),
  },
  { title: 'Slipway infra outputs' },
)

export type Infra = Static<typeof infraSchema>

/** Settings of a cluster’s stack, which Pulumi writes: its secrets, encrypted by the key of the state. */
export const stackFile = (cluster: string): string => `platform/Pulumi.${cluster}.yaml`

/** What to do when that file is not there although the platform is: its secret is in use. */
export const restoreStack = (cluster: string): string =>
  `take the file out of Git’s history (git log --all -- ${stackFile(cluster)}) or from the machine of the first up, and commit it; another secret would shut out all clients`
