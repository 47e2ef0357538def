// The CloudFormation template that an administrator applies once, before Pulumi can run: state bucket and key, the two roles of
// GitHub Actions, and their rights. Pure.

import type { Cluster } from '../../generators/schema/cluster.ts'
import { clusterDefaults } from '../../generators/schema/cluster-defaults.ts'
import { hasCloudFront } from '../../generators/schema/edge-kinds.ts'
import { readAddress } from '../../generators/schema/git-address.ts'
import { type Place, type PolicyDocument, placeOf, readPolicy, writePolicies } from './plan-policies.ts'

const issuer = 'token.actions.githubusercontent.com'

/** OWNER/NAME of the repository on GitHub; undefined when it is elsewhere. */
export function githubRepository({ gitops: { repoUrl } }: Cluster): string | undefined {
  const { host, path } = readAddress(repoUrl)
  return ['github.com', 'ssh.github.com'].includes(host) && /^[\w.-]+\/[\w.-]+$/.test(path) ? path : undefined
}

/** Environments of the repository: GitHub lets a job into one by its rules (branch, reviewers) and writes its name into the token. */
export const githubEnvironments = (cluster: Cluster) => ({
  preview: `platform-${cluster.name}-preview`,
  apply: `platform-${cluster.name}`,
})

/** Names of the roles; the one that applies is the administrator of the Kubernetes API too. */
export const roleNames = (cluster: Cluster) => ({
  preview: `${cluster.name}-platform-preview`,
  apply: cluster.kubernetesApi.adminRoles[0] ?? clusterDefaults.kubernetesApi.adminRoles[0],
})

/**
 * Equal, never alike: a star would let in other repositories, branches or forks. The subject of a job in an environment does not say
 * its branch; STS compares GitHub’s claim `ref` since 2026-01 (AWS STS, claims of identity providers).
 */
const trust = (repository: string, environment: string, branch?: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: { 'Fn::Sub': `arn:aws:iam::\${AWS::AccountId}:oidc-provider/${issuer}` } },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: `repo:${repository}:environment:${environment}`,
          ...(branch !== undefined && { [`${issuer}:ref`]: `refs/heads/${branch}` }),
        },
      },
    },
  ],
})

const bucketArn = { 'Fn::GetAtt': ['StateBucket', 'Arn'] }
const objects = (prefix: string) => ({ 'Fn::Sub': `\${StateBucket.Arn}/${prefix}` })
const keyArn = { 'Fn::GetAtt': ['StateKey', 'Arn'] }

/** A preview reads the state and takes no lock (pulumi, pkg/backend/diy/backend.go); `up` writes it. */
const statePolicy = (writes: boolean, cluster: Cluster) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: [bucketArn] },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', ...(writes ? ['s3:PutObject', 's3:DeleteObject'] : [])],
      Resource: [objects('*')],
    },
    {
      Effect: 'Allow',
      Action: ['kms:Decrypt', ...(writes ? ['kms:Encrypt', 'kms:GenerateDataKey'] : [])],
      Resource: [keyArn],
    },
    // It shows the origin secret, as the state does to those who decrypt it. The drift job looks at it.
    ...(hasCloudFront(cluster)
      ? [
          {
            Effect: 'Allow',
            Action: ['cloudfront:GetDistribution'],
            Resource: [{ 'Fn::Sub': `arn:aws:cloudfront::\${AWS::AccountId}:distribution/*` }],
          },
        ]
      : []),
  ],
})

const managed = (document: PolicyDocument, description: string) => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: { Description: description, PolicyDocument: document },
})

/** `path` is the role’s name, below folders when it has some: teams/on-call. */
const role = (path: string, trusted: object, policies: string[], state: object, boundary?: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: path.split('/').at(-1),
    Path: `/${path.slice(0, path.lastIndexOf('/') + 1)}`,
    MaxSessionDuration: 7200,
    AssumeRolePolicyDocument: trusted,
    ...(boundary !== undefined && { PermissionsBoundary: boundary }),
    ManagedPolicyArns: policies.map((policy) => ({ Ref: policy })),
    Policies: [{ PolicyName: 'state', PolicyDocument: state }],
  },
})

function stateResources({ account, cluster }: Place) {
  return {
    StateKey: {
      Type: 'AWS::KMS::Key',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Description: `Secrets in the Pulumi state of ${cluster}`,
        EnableKeyRotation: true,
        KeyPolicy: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
          ],
        },
      },
    },
    StateKeyAlias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: `alias/${cluster}-state`, TargetKeyId: { Ref: 'StateKey' } },
    },
    StateBucket: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketName: stateBucket({ account, cluster }),
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
            },
          ],
        },
      },
    },
    StateBucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'StateBucket' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'OnlyTls',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [bucketArn, objects('*')],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
  }
}

/** Of the S3 backend: `pulumi login s3://BUCKET?region=REGION`. */
export const stateBucket = ({ account, cluster }: Pick<Place, 'account' | 'cluster'>): string =>
  `${cluster}-platform-state-${account}`

/** `repository` as the subjects of its tokens name it. JSON is YAML, so that CloudFormation takes it. */
export function deployerTemplate(cluster: Cluster, repository: string) {
  const place = placeOf(cluster)
  const writes = writePolicies(cluster)
  const writeNames = writes.map((_, index) => `Write${index + 1}`)
  const names = roleNames(cluster)
  const environments = githubEnvironments(cluster)
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Slipway ${cluster.name}: what the platform program needs before it can run`,
    Parameters: {
      CreateOidcProvider: {
        Type: 'String',
        AllowedValues: ['true', 'false'],
        Default: 'true',
        Description: 'An account has one provider for GitHub; false when it is there already.',
      },
    },
    Conditions: { WithProvider: { 'Fn::Equals': [{ Ref: 'CreateOidcProvider' }, 'true'] } },
    Resources: {
      GithubProvider: {
        Type: 'AWS::IAM::OIDCProvider',
        Condition: 'WithProvider',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { Url: `https://${issuer}`, ClientIdList: ['sts.amazonaws.com'] },
      },
      ...stateResources(place),
      Read: managed(readPolicy(), 'Looks at the platform'),
      ...Object.fromEntries(writes.map((one, index) => [writeNames[index], managed(one, 'Makes the platform')])),
      PreviewRole: role(
        names.preview,
        trust(repository, environments.preview),
        ['Read'],
        statePolicy(false, cluster),
        cluster.permissionBoundary,
      ),
      ApplyRole: role(
        names.apply,
        trust(repository, environments.apply, cluster.gitops.revision),
        ['Read', ...writeNames],
        statePolicy(true, cluster),
        cluster.permissionBoundary,
      ),
    },
    Outputs: {
      PreviewRoleArn: { Value: { 'Fn::GetAtt': ['PreviewRole', 'Arn'] } },
      ApplyRoleArn: { Value: { 'Fn::GetAtt': ['ApplyRole', 'Arn'] } },
      Backend: { Value: `s3://${stateBucket(place)}?region=${cluster.region}` },
      SecretsProvider: { Value: `awskms://alias/${cluster.name}-state?region=${cluster.region}` },
    },
  }
}
