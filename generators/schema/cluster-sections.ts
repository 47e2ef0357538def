// The larger sections of the cluster file: GitOps and nodes.

import Type from 'typebox'
import { clusterDefaults } from './cluster-defaults.ts'
import { httpsAddress, httpsForm, oneOf, strict, weekdays } from './fields.ts'
import { knownHostPattern, repositoryPattern } from './git-address.ts'

export const gitopsSchema = strict(
  {
    enabled: Type.Boolean({ description: 'Install the root Application. Off until infra.json is applied.' }),
    repoUrl: Type.String({
      pattern: repositoryPattern,
      form: `${httpsForm}; or ssh://USER@HOST/PATH or USER@HOST:PATH`,
      description: 'Address of this repository, as Argo CD clones it: HTTPS, or SSH with credentials.',
      examples: ['https://github.com/example/slipway', 'git@gitlab.example.com:llm/slipway.git'],
    }),
    revision: Type.Optional(
      Type.String({ minLength: 1, description: `Branch Argo CD follows; default ${clusterDefaults.gitops.revision}.` }),
    ),
    credentials: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9/_+=.@-]+$',
        description:
          'Name of a secret in Secrets Manager, in the cluster’s region, by which Argo CD reads a private repository: JSON with the keys of an Argo CD repository secret.',
        examples: ['slipway/prod/repository'],
      }),
    ),
    knownHosts: Type.Optional(
      Type.Array(
        Type.String({
          pattern: knownHostPattern,
          description: 'A line of ssh-keyscan HOST, compared with what the host’s administrator says.',
        }),
        {
          uniqueItems: true,
          maxItems: 20,
          description: 'Keys of a Git host of your own, for SSH; Argo CD knows those of public ones. Default none.',
          examples: [['gitlab.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo']],
        },
      ),
    ),
    pages: Type.Optional(
      Type.String({
        pattern: `^(?=https://\\S*[^/\\s]$)${httpsAddress}$`,
        form: `${httpsForm}, without a slash at its end`,
        description:
          'Where a browser shows files of the repository, before /REVISION/PATH: alerts and alarms link there. Default: https://HOST/PATH/blob, of GitLab /-/blob.',
        examples: ['https://git.example.com/llm/slipway/src/branch'],
      }),
    ),
    sso: Type.Optional(
      strict(
        {
          clientId: Type.String({
            minLength: 1,
            description: 'Public client (PKCE) of the OIDC issuer for Argo CD.',
          }),
          adminGroups: Type.Array(Type.String({ pattern: '^[^,\\n]+$' }), {
            minItems: 1,
            uniqueItems: true,
            description: 'Groups in the token whose members administer Argo CD; all others only read.',
          }),
        },
        { description: 'Login to Argo CD through the OIDC issuer; without it the built-in admin user stays.' },
      ),
    ),
  },
  { description: 'What Argo CD reads.' },
)

const release = '20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])'

export const nodesSchema = Type.Optional(
  strict(
    {
      ami: Type.Optional(
        Type.String({
          pattern: `^al2023@v${release}$`,
          description:
            'Image of Karpenter’s nodes: al2023@ and a release of github.com/awslabs/amazon-eks-ami. Another release replaces every node, one of a pool at a time. `latest` is refused: it replaces nodes when AWS publishes, and no pull request shows it. Default: `nodeDefaults` in generators/schema/cluster-defaults.ts.',
          examples: ['al2023@v20260903'],
        }),
      ),
      systemRelease: Type.Optional(
        Type.String({
          pattern: `^1\\.[0-9]+\\.[0-9]+-${release}$`,
          description:
            'AMI release of the system node group, as the same release notes call it for the cluster’s Kubernetes version. Default: the newest when the group is made, and none after it.',
          examples: ['1.35.6-20260714'],
        }),
      ),
      expireAfter: Type.Optional(
        Type.String({
          pattern: '^([1-9][0-9]{0,4}h|Never)$',
          description: `Age in hours at which Karpenter drains a node at once, past every budget and without a replacement; default ${clusterDefaults.nodes.expireAfter}.`,
          examples: ['720h'],
        }),
      ),
      quietHours: Type.Optional(
        Type.Array(
          strict({
            days: Type.Optional(
              Type.Array(oneOf(weekdays), {
                minItems: 1,
                uniqueItems: true,
                description: 'Days on which they begin; default every day.',
              }),
            ),
            from: Type.String({
              pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
              description: 'When they begin, UTC: Karpenter knows no other time zone.',
              examples: ['06:00'],
            }),
            hours: Type.Integer({ minimum: 1, maximum: 167, description: 'How long they last.' }),
          }),
          {
            // The CRD takes 50 budgets, and one is always there.
            maxItems: 49,
            description: 'When Karpenter begins to replace no outdated node; default none.',
          },
        ),
      ),
    },
    { description: 'How nodes are patched; see docs/nodes.md.' },
  ),
)
