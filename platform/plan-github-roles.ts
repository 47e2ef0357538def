// What workflows of GitHub Actions may do, and which of them: `preview` for pull requests, `apply` for the protected
// environment. Both roles are taken with GitHub’s own short-lived tokens; nobody holds a key. Pure.
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Statement } from './policy-document.ts'

export type Github = NonNullable<Cluster['github']>
export type GithubRoleKind = 'preview' | 'apply'

export const githubIssuer = 'token.actions.githubusercontent.com'
/** What the official action aws-actions/configure-aws-credentials asks for. */
export const githubAudience = 'sts.amazonaws.com'

/** An account has one provider for an issuer, and its ARN follows from that. */
export const githubProviderArn = (account: string): string => `arn:aws:iam::${account}:oidc-provider/${githubIssuer}`

/** Named in workflows, so not left to Pulumi. */
export const githubRoleName = (cluster: Cluster, kind: GithubRoleKind): string => `${cluster.name}-github-${kind}`

/** Claims of a token, compared as they are: a wildcard would let in what nobody thought of. */
const claims: Record<GithubRoleKind, (cluster: Cluster, github: Github) => Record<string, string>> = {
  // GitHub gives workflows of forks no token; whoever can push a branch gets one.
  preview: (_, { repository }) => ({ sub: `repo:${repository}:pull_request` }),
  // The subject of a job with an environment does not say its branch. STS compares the claim `ref` since January 2026.
  apply: ({ gitops }, { repository, environment }) => ({
    sub: `repo:${repository}:environment:${environment}`,
    ref: `refs/heads/${gitops.revision}`,
  }),
}

export function githubTrust(cluster: Cluster, github: Github, kind: GithubRoleKind): string {
  const wanted = { aud: githubAudience, ...claims[kind](cluster, github) }
  const conditions = Object.fromEntries(
    Object.entries(wanted).map(([claim, value]) => [`${githubIssuer}:${claim}`, value]),
  )
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: githubProviderArn(cluster.account) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: conditions },
      },
    ],
  })
}

/** Rights inside the cluster: `preview` reads everything but Secrets. */
export const githubAccessPolicies: Record<GithubRoleKind, string> = {
  preview: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy',
  apply: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
}

/** Pulumi reads the state and decrypts what in it is secret, for a preview too. Only what changes something takes a lock. */
export function stateStatements({ state }: Github, kind: GithubRoleKind): Statement[] {
  const bucketArn = `arn:aws:s3:::${state.bucket}`
  const write = kind === 'apply' ? ['s3:PutObject', 's3:DeleteObject'] : []
  return [
    { Sid: 'FindState', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn },
    { Sid: 'State', Effect: 'Allow', Action: ['s3:GetObject', ...write], Resource: `${bucketArn}/.pulumi/*` },
    { Sid: 'StateSecrets', Effect: 'Allow', Action: 'kms:Decrypt', Resource: state.keyArn },
  ]
}

/** What the program asks AWS about things it does not make, by the token of the question. */
export const lookupActions: Record<string, string[]> = {
  'aws:route53/getZone:getZone': ['route53:ListHostedZones', 'route53:GetHostedZone', 'route53:ListTagsForResource'],
  'aws:ec2/getSecurityGroup:getSecurityGroup': ['ec2:DescribeSecurityGroups'],
}

const lookupStatements = (): Statement[] => [
  { Sid: 'LookUp', Effect: 'Allow', Action: Object.values(lookupActions).flat(), Resource: '*' },
]

/**
 * The one secret that a preview reads itself: by it Argo CD reads this repository, as does everybody whose pull request takes
 * the role. Secrets Manager adds six characters to a name.
 */
export const credentialStatements = ({ account, region, gitops: { credentials } }: Cluster): Statement[] =>
  credentials === undefined
    ? []
    : [
        {
          Sid: 'RepositoryCredential',
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: `arn:aws:secretsmanager:${region}:${account}:secret:${credentials}-??????`,
        },
      ]

/** All statements of a role; without `--refresh` a preview compares with the state, and asks about nothing that is made here. */
export const githubStatements = (cluster: Cluster, github: Github, kind: GithubRoleKind): Statement[] => [
  ...stateStatements(github, kind),
  ...lookupStatements(),
  ...credentialStatements(cluster),
]
