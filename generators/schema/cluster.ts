// The cluster file, clusters/C/cluster.yaml: where models run. It names things; ids come from infra.json.

import Type, { type Static } from 'typebox'
import { acceleratorKinds, accelerators } from './accelerators.ts'
import { permissionBoundarySchema, tagsSchema } from './cluster-company.ts'
import { clusterDefaults } from './cluster-defaults.ts'
import { edgeSchema } from './cluster-edge.ts'
import { type ExistingKubernetes, kubernetesSchema } from './cluster-kubernetes.ts'
import { monitoringSchema, telemetrySchema } from './cluster-monitoring.ts'
import { networkSchema } from './cluster-network.ts'
import { gitopsSchema, nodesSchema } from './cluster-sections.ts'
import { mirrorsSchema, weightsSchema } from './cluster-sources.ts'
import { environmentNames } from './environments.ts'
import { cidr, duration, httpsAddress, httpsForm, mapOf, namePattern, oneOf, strict } from './fields.ts'
import { httpApiLimits, issuerKindNames } from './oidc.ts'
import { privateIssuerSchema } from './private-issuer.ts'
import { reservationsSchema } from './reservations.ts'

export const clusterFileSchema = strict(
  {
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$', description: 'AWS region.', examples: ['us-east-1'] }),
    account: Type.String({ pattern: '^[0-9]{12}$', description: 'AWS account number, in quotes.' }),
    domain: Type.String({ pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$', description: 'Host name that clients call.' }),
    environment: oneOf(environmentNames, { description: 'prod: three zones, a NAT each, longer log retention.' }),
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
    kubernetes: kubernetesSchema,
    nodes: nodesSchema,
    oidc: strict(
      {
        kind: Type.Optional(
          oneOf(issuerKindNames, {
            description: `What makes the tokens; says how they name client, audience and scopes. Default ${clusterDefaults.oidc.kind}.`,
          }),
        ),
        issuer: Type.String({
          pattern: `^${httpsAddress}$`,
          form: httpsForm,
          description: 'Issuer URL, exactly as in the token.',
        }),
        audiences: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), {
            uniqueItems: true,
            maxItems: httpApiLimits.audiences,
            description:
              'Audiences of which a token must have one; in Entra ID the application ID of the API, in tokens of version 1 its URI too. Access tokens of Cognito have none: there the client ids of all tenants are taken, and these app clients beside them.',
            examples: [['slipway']],
          }),
        ),
        private: privateIssuerSchema,
        jwksUri: Type.Optional(
          Type.String({
            pattern: `^${httpsAddress}$`,
            form: httpsForm,
            description: 'Key set; default that of the kind.',
          }),
        ),
        scopes: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          maxItems: httpApiLimits.scopes,
          description: 'Scopes of which a token must have one, in Entra ID a scope or a role.',
        }),
      },
      {
        description: 'Who signs the tokens of callers.',
        moved: { audience: 'an issuer may have several: write audiences: [AUDIENCE], or run npm run migrate' },
      },
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
              description: `IAM roles of the account that administer the cluster; the one that runs Pulumi is one of them. Default ${clusterDefaults.kubernetesApi.adminRoles[0]}.`,
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
          timeZone: Type.Optional(
            Type.String({ minLength: 1, description: `IANA name; default ${clusterDefaults.syncWindows.timeZone}.` }),
          ),
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

type Section<Name extends keyof ClusterFile> = NonNullable<ClusterFile[Name]>

/** The section with these fields filled in. */
type With<Fields, Filled extends keyof Fields> = Omit<Fields, Filled> & {
  [Name in Filled]-?: NonNullable<Fields[Name]>
}

type QuietHours = NonNullable<Section<'nodes'>['quietHours']>[number]

/** A cluster file with its defaults filled in. */
export interface Cluster
  extends Pick<ClusterFile, 'region' | 'account' | 'domain' | 'environment' | 'permissionBoundary'> {
  name: string
  tags: Section<'tags'>
  gitops: With<ClusterFile['gitops'], 'revision' | 'knownHosts'>
  gpu: With<ClusterFile['gpu'], 'reservations'>
  network: With<Omit<Section<'network'>, 'zones'>, 'vpcCidr' | 'zoneIds' | 'reservedCidrs'>
  kubernetes: { existing?: ExistingKubernetes }
  nodes: With<Omit<Section<'nodes'>, 'quietHours'>, 'ami' | 'expireAfter'> & { quietHours: With<QuietHours, 'days'>[] }
  oidc: With<ClusterFile['oidc'], 'kind' | 'audiences' | 'jwksUri'>
  kubernetesApi: Required<Section<'kubernetesApi'>>
  edge: With<
    Section<'edge'>,
    'kind' | 'clientCidrs' | 'hostedZone' | 'privateZone' | 'streamLane' | 'corsOrigins' | 'rateLimit' | 'abuseLimit'
  >
  monitoring: With<Section<'monitoring'>, 'emails' | 'monthlyUsd' | 'logRetentionDays'>
  /** otlpEndpoint: the Service of the add-on when there is one. */
  telemetry?: With<Section<'telemetry'>, 'otlpEndpoint' | 'engines'>
  addons: Section<'addons'>
  weights: Required<Section<'weights'>>
  mirrors: Section<'mirrors'>
  syncWindows: With<Section<'syncWindows'>[number], 'timeZone'>[]
}
