// Rules about limits that must fit each other: of an address at the edge, of all callers at the HTTP API, of a tenant.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { hasHttpApi } from '../schema/edge-kinds.ts'
import { environments } from '../schema/environments.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { Findings } from './findings.ts'

/** What the cluster file says of addresses, for itself. */
export function checkAddressLimits({ edge }: Cluster, file: SourceFile, findings: Findings): void {
  if (edge.abuseLimit >= edge.rateLimit) return
  const { abuseLimit } = (file.value as { edge?: { abuseLimit?: number } }).edge ?? {}
  const field = abuseLimit === undefined ? 'rateLimit' : 'abuseLimit'
  const message = `an address may send ${edge.abuseLimit} requests a minute with credentials, and ${edge.rateLimit} without`
  findings.add(
    'EDGE_LIMITS',
    file.position(['edge', field]),
    message,
    'edge.abuseLimit at least as high as edge.rateLimit',
  )
}

/** Most programs send from one address: a limit above what the edge lets through is never reached. */
export function checkTenantLimits(
  clusters: readonly Cluster[],
  tenants: readonly { tenant: Tenant; source: SourceFile }[],
  findings: Findings,
): void {
  for (const { tenant, source } of tenants) {
    const wanted = tenant.limits.requestsPerMinute
    for (const cluster of clusters) {
      const { name, edge, environment } = cluster
      const stage = hasHttpApi(cluster)
        ? environments[environment].apiThrottle.perSecond * 60
        : Number.POSITIVE_INFINITY
      // Behind the HTTP API alone no firewall knows the address of a caller.
      const ofAddress = edge.kind === 'api' ? Number.POSITIVE_INFINITY : edge.abuseLimit
      const least = Math.min(ofAddress, stage)
      if (wanted <= least) continue
      const what = least === ofAddress ? 'the edge takes from one address' : 'the HTTP API takes from all callers'
      const hint =
        least === ofAddress
          ? `edge.abuseLimit: ${wanted} in clusters/${name}/cluster.yaml, or several addresses`
          : `${edge.streamLane ? 'the stream lane passes it by; or ' : ''}raise apiThrottle in generators/schema/environments.ts`
      const message = `${name}: of ${wanted} requests a minute ${what} ${least}`
      findings.add('TENANT_LIMIT_UNREACHABLE', source.position(['limits', 'requestsPerMinute']), message, hint)
    }
  }
}
