// What a cluster file leaves out: one table, which the descriptions of the fields name, and the function that fills it in. What depends
// on `environment` is in environments.ts.
import type { Cluster, ClusterFile } from './cluster.ts'
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
  edge: { streamLane: true, rateLimit: 100 },
  telemetry: { engines: true },
  weights: { keepDays: 14 },
  syncWindows: { timeZone: 'UTC' },
} as const

export function withDefaults(name: string, file: ClusterFile): Cluster {
  const zones = file.network?.zones ?? environments[file.environment].zones
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
      vpcCidr: file.network?.existing?.cidr ?? file.network?.vpcCidr ?? clusterDefaults.network.vpcCidr,
      zoneIds: file.network?.zoneIds ?? defaultZoneIds(file.region, zones),
      reservedCidrs: file.network?.reservedCidrs ?? [],
    },
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
    edge: {
      ...file.edge,
      hostedZone: file.edge?.hostedZone ?? parentDomain(file.domain),
      streamLane: file.edge?.streamLane ?? clusterDefaults.edge.streamLane,
      corsOrigins: file.edge?.corsOrigins ?? [],
      rateLimit: file.edge?.rateLimit ?? clusterDefaults.edge.rateLimit,
      abuseLimit: file.edge?.abuseLimit ?? environments[file.environment].abuseLimit,
    },
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

function withIssuer(oidc: ClusterFile['oidc']): Cluster['oidc'] {
  const kind = oidc.kind ?? clusterDefaults.oidc.kind
  const audiences = oidc.audiences ?? []
  return { ...oidc, kind, audiences, jwksUri: oidc.jwksUri ?? kindOf({ kind }).jwksUri(oidc.issuer) }
}

/** `models.example.com` is in the zone `example.com`; `example.com` is a zone itself. */
function parentDomain(domain: string): string {
  const parent = domain.split('.').slice(1).join('.')
  return parent.includes('.') ? parent : domain
}
