// What a cluster file leaves out: one table, which the descriptions of the fields name, and the function that fills it in. What depends
// on `environment` is in environments.ts.
import type { Cluster, ClusterFile } from './cluster.ts'
import { defaultServiceCidr } from './cluster-kubernetes.ts'
import { collectorUrl } from './collector.ts'
import { environments } from './environments.ts'
import { weekdays } from './fields.ts'
import { kindOf } from './oidc.ts'
import { defaultZoneIds } from './regions.ts'

export const nodeDefaults = {
  /** AL2023 with NVIDIA driver 580 or newer, which the engines’ CUDA 13 images need. */
  ami: 'al2023@v20260903',
  /** Expiry passes budgets and starts no replacement first; nodes are patched by another `ami`. */
  expireAfter: 'Never',
}

export const clusterDefaults = {
  gitops: { revision: 'main' },
  network: { vpcCidr: '10.0.0.0/16' },
  nodes: nodeDefaults,
  quietHours: { days: weekdays },
  oidc: { kind: 'generic' },
  kubernetesApi: { adminRoles: ['slipway-deployer'] },
  /** Requests of an address in 60 s. */
  edge: { kind: 'cloudfront', privateZone: false, streamLane: true, rateLimit: 100 },
  telemetry: { engines: true },
  weights: { keepDays: 14 },
  syncWindows: { timeZone: 'UTC' },
} as const

export function withDefaults(name: string, file: ClusterFile): Cluster {
  const zones = file.network?.zones ?? environments[file.environment].zones
  const vpcCidr = file.network?.existing?.cidr ?? file.network?.vpcCidr ?? clusterDefaults.network.vpcCidr
  return {
    ...file,
    name,
    tags: file.tags ?? {},
    gpu: { ...file.gpu, reservations: file.gpu.reservations ?? [] },
    gitops: {
      ...file.gitops,
      revision: file.gitops.revision ?? clusterDefaults.gitops.revision,
      knownHosts: file.gitops.knownHosts ?? [],
    },
    network: {
      ...(file.network?.existing && { existing: file.network.existing }),
      vpcCidr,
      zoneIds: file.network?.zoneIds ?? defaultZoneIds(file.region, zones),
      reservedCidrs: file.network?.reservedCidrs ?? [],
    },
    kubernetes: withServices(file.kubernetes),
    nodes: {
      ...nodeDefaults,
      ...file.nodes,
      quietHours: (file.nodes?.quietHours ?? []).map((hours) => ({
        ...hours,
        days: hours.days ?? [...clusterDefaults.quietHours.days],
      })),
    },
    oidc: withIssuer(file.oidc),
    kubernetesApi: {
      publicCidrs: file.kubernetesApi?.publicCidrs ?? [],
      adminRoles: file.kubernetesApi?.adminRoles ?? [...clusterDefaults.kubernetesApi.adminRoles],
      viewRoles: file.kubernetesApi?.viewRoles ?? [],
    },
    edge: withEdge(file, vpcCidr),
    monitoring: {
      ...file.monitoring,
      emails: file.monitoring?.emails ?? [],
      monthlyUsd: file.monitoring?.monthlyUsd ?? environments[file.environment].monthlyUsd,
      logRetentionDays: file.monitoring?.logRetentionDays ?? environments[file.environment].logRetentionDays,
    },
    telemetry: file.telemetry && {
      ...file.telemetry,
      otlpEndpoint: file.telemetry.otlpEndpoint ?? collectorUrl,
      engines: file.telemetry.engines ?? clusterDefaults.telemetry.engines,
    },
    addons: file.addons ?? {},
    weights: {
      source: file.weights?.source ?? environments[file.environment].weights,
      keepDays: file.weights?.keepDays ?? clusterDefaults.weights.keepDays,
      buckets: file.weights?.buckets ?? [],
    },
    mirrors: file.mirrors ?? {},
    syncWindows: (file.syncWindows ?? []).map((window) => ({
      ...window,
      timeZone: window.timeZone ?? clusterDefaults.syncWindows.timeZone,
    })),
  }
}

function withEdge({ domain, environment, edge }: ClusterFile, vpcCidr: string): Cluster['edge'] {
  const kind = edge?.kind ?? clusterDefaults.edge.kind
  return {
    ...edge,
    kind,
    // Elsewhere no client connects to the load balancer itself.
    clientCidrs: kind === 'none' ? (edge?.clientCidrs ?? [vpcCidr]) : [],
    hostedZone: edge?.hostedZone ?? parentDomain(domain),
    privateZone: edge?.privateZone ?? clusterDefaults.edge.privateZone,
    // A lane of CloudFront’s alone.
    streamLane: kind === 'cloudfront' && (edge?.streamLane ?? clusterDefaults.edge.streamLane),
    corsOrigins: edge?.corsOrigins ?? [],
    rateLimit: edge?.rateLimit ?? clusterDefaults.edge.rateLimit,
    abuseLimit: edge?.abuseLimit ?? environments[environment].abuseLimit,
  }
}

function withIssuer(oidc: ClusterFile['oidc']): Cluster['oidc'] {
  const kind = oidc.kind ?? clusterDefaults.oidc.kind
  const audiences = oidc.audiences ?? []
  return { ...oidc, kind, audiences, jwksUri: oidc.jwksUri ?? kindOf({ kind }).jwksUri(oidc.issuer) }
}

const withServices = ({ existing }: NonNullable<ClusterFile['kubernetes']> = {}): Cluster['kubernetes'] =>
  existing === undefined ? {} : { existing: { serviceCidr: defaultServiceCidr, ...existing } }

/** `models.example.com` is in the zone `example.com`; `example.com` is a zone itself. */
function parentDomain(domain: string): string {
  const parent = domain.split('.').slice(1).join('.')
  return parent.includes('.') ? parent : domain
}
