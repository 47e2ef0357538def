// The cluster file, clusters/C/cluster.yaml: where models run. It names things; ids come from infra.json.
import Type, { type Static } from 'typebox'
import { acceleratorKinds, accelerators } from './accelerators.ts'
import { permissionBoundarySchema, tagsSchema } from './cluster-company.ts'
import { monitoringSchema, telemetrySchema } from './cluster-monitoring.ts'
import { type ExistingNetwork, networkSchema } from './cluster-network.ts'
import { edgeSchema, gitopsSchema, nodesSchema, type weekdays } from './cluster-sections.ts'
import { mirrorsSchema, weightsSchema } from './cluster-sources.ts'
import { cidr, duration, mapOf, namePattern, oneOf, strict } from './fields.ts'
import { httpApiLimits, type IssuerKindName, issuerKindNames } from './oidc.ts'
import { type Reservation, reservationsSchema } from './reservations.ts'

export const clusterFileSchema = strict(
  {
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$', description: 'AWS region.', examples: ['us-east-1'] }),
    account: Type.String({ pattern: '^[0-9]{12}$', description: 'AWS account number, in quotes.' }),
    domain: Type.String({ pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$', description: 'Public host name of the edge.' }),
    environment: oneOf(['dev', 'prod'], { description: 'prod: three zones, a NAT each, longer log retention.' }),
    tags: tagsSchema,
    permissionBoundary: permissionBoundarySchema,
    gitops: gitopsSchema,
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
            description:
              'GPU kinds of the cluster and the most GPUs of each: limit of the node pool. It counts the GPUs of nodes, used or not, so it is at least the GPUs of the smallest node that carries a model (docs/nodes.md). The quota needs one node more, while a node is replaced.',
            examples: [{ l4: 4, l40s: 4 }],
          },
        ),
        reservations: Type.Optional(reservationsSchema),
      },
      { description: 'GPU capacity.' },
    ),
    network: networkSchema,
    nodes: nodesSchema,
    oidc: strict(
      {
        kind: Type.Optional(
          oneOf(issuerKindNames, {
            description: 'What makes the tokens; says how they name client, audience and scopes. Default generic.',
          }),
        ),
        issuer: Type.String({ pattern: '^https://', description: 'Issuer URL, exactly as in the token.' }),
        audiences: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), {
            uniqueItems: true,
            maxItems: httpApiLimits.audiences,
            description:
              'Audiences of which a token must have one. Access tokens of Cognito have none: there the client ids of all tenants are taken, and these app clients beside them.',
            examples: [['slipway']],
          }),
        ),
        jwksUri: Type.Optional(
          Type.String({ pattern: '^https://', description: 'Key set; default that of the kind.' }),
        ),
        scopes: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          maxItems: httpApiLimits.scopes,
          description: 'Scopes of which a token must have one, in Entra ID a scope or a role.',
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
          viewRoles: Type.Optional(
            Type.Array(Type.String({ pattern: '^[A-Za-z0-9+=,.@_/-]+$' }), {
              uniqueItems: true,
              description:
                'IAM roles of the account that read everything in the cluster but Secrets; the one that previews changes is one of them. They must be there. Default none.',
              examples: [['prod-platform-preview']],
            }),
          ),
        },
        { description: 'Access to the Kubernetes API.' },
      ),
    ),
    weights: weightsSchema,
    edge: edgeSchema,
    monitoring: monitoringSchema,
    telemetry: telemetrySchema,
    addons: Type.Optional(
      mapOf(
        namePattern,
        strict({
          enabled: Type.Optional(Type.Boolean({ description: 'false leaves the add-on out.' })),
          values: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), {
              description:
                'Chart values, merged over those of apps/addons as Helm does: null drops the chart’s default.',
            }),
          ),
        }),
        { description: 'What differs from apps/addons/*.yaml.' },
      ),
    ),
    mirrors: mirrorsSchema,
    syncWindows: Type.Optional(
      Type.Array(
        strict({
          kind: oneOf(['allow', 'deny'], { description: 'When syncing is allowed, or denied.' }),
          schedule: Type.String({ minLength: 9, description: 'Cron expression.', examples: ['0 22 * * 5'] }),
          duration: duration('How long.'),
          timeZone: Type.Optional(Type.String({ minLength: 1, description: 'IANA name; default UTC.' })),
        }),
        {
          description:
            'When commits to models are held back. The platform is synced at any hour, what is deleted or edited by hand is healed, and a person may sync.',
        },
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
  tags: Record<string, string>
  permissionBoundary?: string
  gitops: {
    enabled: boolean
    repoUrl: string
    revision: string
    credentials?: string
    sso?: { clientId: string; adminGroups: string[] }
  }
  gpu: { maxGpus: Partial<Record<(typeof acceleratorKinds)[number], number>>; reservations: Reservation[] }
  network: { vpcCidr: string; zoneIds: string[]; reservedCidrs: string[]; existing?: ExistingNetwork }
  nodes: {
    ami: string
    systemRelease?: string
    /** Hours, or Never. */
    expireAfter: string
    quietHours: { days: (typeof weekdays)[number][]; from: string; hours: number }[]
  }
  oidc: { kind: IssuerKindName; issuer: string; audiences: string[]; jwksUri: string; scopes: string[] }
  kubernetesApi: { publicCidrs: string[]; adminRoles: string[]; viewRoles: string[] }
  edge: {
    hostedZone: string
    certificates?: { edge: string; api: string }
    mutualTls?: { certificate: string; truststore?: string; truststoreVersion?: string }
    streamLane: boolean
    corsOrigins: string[]
    rateLimit: number
    abuseLimit: number
    geo?: { mode: 'allow' | 'block'; countries: string[] }
  }
  monitoring: {
    emails: string[]
    monthlyUsd: number
    /** One of those that CloudWatch takes. */
    logRetentionDays: number
    canary?: { tokenUrl: string; clientId: string }
  }
  telemetry?: {
    /** Where gateway and engines send: the Service of the add-on when there is one. */
    otlpEndpoint: string
    collector?: string
    engines: boolean
  }
  addons: Record<string, { enabled?: boolean; values?: Record<string, unknown> }>
  weights: { source: 's3' | 'hub'; keepDays: number; buckets: string[] }
  mirrors: { charts?: string; images?: string; hub?: string; cidrs?: string[]; pullSecret?: boolean }
  syncWindows: { kind: 'allow' | 'deny'; schedule: string; duration: string; timeZone: string }[]
}
