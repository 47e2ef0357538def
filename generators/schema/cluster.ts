// The cluster file, clusters/C/cluster.yaml: where models run. It names things; ids come from infra.json.
import Type, { type Static } from 'typebox'
import { acceleratorKinds, accelerators } from './accelerators.ts'
import { cidr, duration, mapOf, namePattern, oneOf, strict } from './fields.ts'

const certificateArn = (description: string) =>
  Type.String({
    pattern: '^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$',
    description,
    examples: ['arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012'],
  })

export const clusterFileSchema = strict(
  {
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$', description: 'AWS region.', examples: ['us-east-1'] }),
    account: Type.String({ pattern: '^[0-9]{12}$', description: 'AWS account number, in quotes.' }),
    domain: Type.String({ pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$', description: 'Public host name of the edge.' }),
    environment: oneOf(['dev', 'prod'], { description: 'prod: three zones, a NAT each, longer log retention.' }),
    gitops: strict(
      {
        enabled: Type.Boolean({ description: 'Install the root Application. Off until infra.json is applied.' }),
        repoUrl: Type.String({
          pattern: '^https://',
          description: 'HTTPS URL of this repository, as Argo CD clones it.',
        }),
        revision: Type.Optional(Type.String({ minLength: 1, description: 'Branch Argo CD follows; default main.' })),
      },
      { description: 'What Argo CD reads.' },
    ),
    gpu: strict(
      {
        maxGpus: strict(
          Object.fromEntries(
            acceleratorKinds.map((kind) => [
              kind,
              Type.Optional(
                Type.Integer({ minimum: 1, maximum: 10000, description: `Most ${accelerators[kind].name} GPUs.` }),
              ),
            ]),
          ) as Record<
            (typeof acceleratorKinds)[number],
            ReturnType<typeof Type.Optional<ReturnType<typeof Type.Integer>>>
          >,
          {
            description: 'GPU kinds of the cluster and the most GPUs of each: limit of the node pool and of the quota.',
            examples: [{ l4: 4, l40s: 4 }],
          },
        ),
      },
      { description: 'GPU capacity.' },
    ),
    network: Type.Optional(
      strict(
        {
          vpcCidr: Type.Optional(
            Type.String({
              pattern: '^10\\.[0-9]{1,3}\\.[0-9]{1,3}\\.0/(1[6-9]|20)$',
              description: 'VPC range, /16 to /20; default 10.0.0.0/16.',
            }),
          ),
          zones: Type.Optional(
            Type.Integer({ minimum: 2, maximum: 3, description: 'Availability zones; default 3 in prod, 2 in dev.' }),
          ),
          zoneIds: Type.Optional(
            Type.Array(Type.String({ pattern: '^[a-z0-9]+-az[0-9]$' }), {
              minItems: 2,
              maxItems: 3,
              uniqueItems: true,
              description: 'Which zones, by id, instead of the first `zones` of the region; never changed later.',
              examples: [['use1-az1', 'use1-az2']],
            }),
          ),
          reservedCidrs: Type.Optional(
            Type.Array(cidr('Range.'), {
              uniqueItems: true,
              description: 'Ranges of networks that the VPC is, or will be, connected to; it must not overlap them.',
            }),
          ),
        },
        { description: 'Network of the VPC.' },
      ),
    ),
    oidc: strict(
      {
        issuer: Type.String({ pattern: '^https://', description: 'Issuer URL, exactly as in the token.' }),
        audience: Type.String({ minLength: 1, description: 'Audience a token must have.' }),
        jwksUri: Type.Optional(
          Type.String({ pattern: '^https://', description: 'Key set; default ISSUER/.well-known/jwks.json.' }),
        ),
        scopes: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description: 'Scopes of which a token must have one.',
        }),
      },
      { description: 'Who signs the tokens of callers.' },
    ),
    kubernetesApi: Type.Optional(
      strict(
        {
          publicCidrs: Type.Optional(
            Type.Array(cidr('Range.'), {
              uniqueItems: true,
              description: 'Ranges that may reach the Kubernetes API from the internet; default none.',
            }),
          ),
          adminRoles: Type.Optional(
            Type.Array(Type.String({ pattern: '^[A-Za-z0-9+=,.@_/-]+$' }), {
              minItems: 1,
              uniqueItems: true,
              description:
                'IAM roles of the account that administer the cluster; the one that runs Pulumi is one of them. Default slipway-deployer.',
            }),
          ),
        },
        { description: 'Access to the Kubernetes API.' },
      ),
    ),
    edge: Type.Optional(
      strict(
        {
          hostedZone: Type.Optional(
            Type.String({
              pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$',
              description:
                'Public Route 53 zone of the account that holds the domain; default the domain without its first part.',
            }),
          ),
          certificates: Type.Optional(
            strict(
              {
                edge: certificateArn('For the domain, in us-east-1.'),
                api: certificateArn('For api.DOMAIN, in the cluster’s region.'),
              },
              {
                description:
                  'Certificates of your own, when the domain is not in Route 53 of the account; its records are then yours too.',
              },
            ),
          ),
          streamLane: Type.Optional(Type.Boolean({ description: 'Offer /stream/*; default true.' })),
          rateLimit: Type.Optional(
            Type.Integer({
              minimum: 10,
              maximum: 2_000_000_000,
              description: 'Requests per address in 300 s; default 100.',
            }),
          ),
          geo: Type.Optional(
            strict(
              {
                mode: oneOf(['allow', 'block'], { description: 'Only these countries, or all but these.' }),
                countries: Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), {
                  minItems: 1,
                  uniqueItems: true,
                  description: 'ISO 3166-1 codes.',
                }),
              },
              { description: 'Countries that may call, or may not.' },
            ),
          ),
        },
        { description: 'CloudFront and WAF.' },
      ),
    ),
    addons: Type.Optional(
      mapOf(
        namePattern,
        strict({
          enabled: Type.Optional(Type.Boolean({ description: 'false leaves the add-on out.' })),
          values: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), {
              description: 'Chart values, merged over those of apps/addons.',
            }),
          ),
        }),
        { description: 'What differs from apps/addons/*.yaml.' },
      ),
    ),
    mirrors: Type.Optional(
      strict(
        {
          charts: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'Registry that holds all charts (air-gapped), for example registry.internal/charts.',
            }),
          ),
        },
        { description: 'Where to get charts instead.' },
      ),
    ),
    syncWindows: Type.Optional(
      Type.Array(
        strict({
          kind: oneOf(['allow', 'deny'], { description: 'When syncing is allowed, or denied.' }),
          schedule: Type.String({ minLength: 9, description: 'Cron expression.', examples: ['0 22 * * 5'] }),
          duration: duration('How long.'),
          timeZone: Type.Optional(Type.String({ minLength: 1, description: 'IANA name; default UTC.' })),
        }),
        { description: 'When Argo CD may sync models by itself.' },
      ),
    ),
  },
  { title: 'Slipway cluster file' },
)

export type ClusterFile = Static<typeof clusterFileSchema>

/** A cluster file with its defaults filled in. */
export interface Cluster {
  name: string
  region: string
  account: string
  domain: string
  environment: 'dev' | 'prod'
  gitops: { enabled: boolean; repoUrl: string; revision: string }
  gpu: { maxGpus: Partial<Record<(typeof acceleratorKinds)[number], number>> }
  network: { vpcCidr: string; zoneIds: string[]; reservedCidrs: string[] }
  oidc: { issuer: string; audience: string; jwksUri: string; scopes: string[] }
  kubernetesApi: { publicCidrs: string[]; adminRoles: string[] }
  edge: {
    hostedZone: string
    certificates?: { edge: string; api: string }
    streamLane: boolean
    rateLimit: number
    geo?: { mode: 'allow' | 'block'; countries: string[] }
  }
  addons: Record<string, { enabled?: boolean; values?: Record<string, unknown> }>
  mirrors: { charts?: string }
  syncWindows: { kind: 'allow' | 'deny'; schedule: string; duration: string; timeZone: string }[]
}
