// Fills in what a cluster file leaves out.
import type { Cluster, ClusterFile } from './cluster.ts'
import { weekdays } from './cluster-sections.ts'
import { collectorUrl } from './collector.ts'
import { environments } from './environments.ts'
import { kindOf } from './oidc.ts'
import { defaultZoneIds } from './regions.ts'

export const nodeDefaults = {
  /** AL2023 with NVIDIA driver 580 or newer, which the engines’ CUDA 13 images need. */
  ami: 'al2023@v20260903',
  /** Expiry passes budgets and starts no replacement first; nodes are patched by another `ami`. */
  expireAfter: 'Never',
}

export function withDefaults(name: string, file: ClusterFile): Cluster {
  const zones = file.network?.zones ?? environments[file.environment].zones
  return {
    ...file,
    name,
    tags: file.tags ?? {},
    gpu: { ...file.gpu, reservations: file.gpu.reservations ?? [] },
    gitops: { ...file.gitops, revision: file.gitops.revision ?? 'main' },
    network: {
      ...(file.network?.existing && { existing: file.network.existing }),
      vpcCidr: file.network?.existing?.cidr ?? file.network?.vpcCidr ?? '10.0.0.0/16',
      zoneIds: file.network?.zoneIds ?? defaultZoneIds(file.region, zones),
      reservedCidrs: file.network?.reservedCidrs ?? [],
    },
    nodes: {
      ...nodeDefaults,
      ...file.nodes,
      quietHours: (file.nodes?.quietHours ?? []).map((hours) => ({ ...hours, days: hours.days ?? [...weekdays] })),
    },
    oidc: withIssuer(file.oidc),
    kubernetesApi: {
      publicCidrs: file.kubernetesApi?.publicCidrs ?? [],
      adminRoles: file.kubernetesApi?.adminRoles ?? ['slipway-deployer'],
      viewRoles: file.kubernetesApi?.viewRoles ?? [],
    },
    edge: {
      ...file.edge,
      hostedZone: file.edge?.hostedZone ?? parentDomain(file.domain),
      streamLane: file.edge?.streamLane ?? true,
      corsOrigins: file.edge?.corsOrigins ?? [],
      rateLimit: file.edge?.rateLimit ?? 100,
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
      engines: file.telemetry.engines ?? true,
    },
    addons: file.addons ?? {},
    weights: {
      source: file.weights?.source ?? environments[file.environment].weights,
      keepDays: file.weights?.keepDays ?? 14,
      buckets: file.weights?.buckets ?? [],
    },
    mirrors: file.mirrors ?? {},
    syncWindows: (file.syncWindows ?? []).map((window) => ({ ...window, timeZone: window.timeZone ?? 'UTC' })),
  }
}

function withIssuer(oidc: ClusterFile['oidc']): Cluster['oidc'] {
  const kind = oidc.kind ?? 'generic'
  const audiences = oidc.audiences ?? []
  return { ...oidc, kind, audiences, jwksUri: oidc.jwksUri ?? kindOf({ kind }).jwksUri(oidc.issuer) }
}

/** `models.example.com` is in the zone `example.com`; `example.com` is a zone itself. */
function parentDomain(domain: string): string {
  const parent = domain.split('.').slice(1).join('.')
  return parent.includes('.') ? parent : domain
}
