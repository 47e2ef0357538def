// Rules about what watches a platform: where the canary asks from, how long logs are kept, where traces go.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster, ClusterFile } from '../schema/cluster.ts'
import { logRetentions } from '../schema/cluster-monitoring.ts'
import { regions } from '../schema/regions.ts'
import type { Findings } from './findings.ts'

export function checkWatching(cluster: Cluster, file: SourceFile, findings: Findings): void {
  checkCanaryCountry(cluster, file, findings)
  checkLogRetention(cluster, file, findings)
}

/** Of the file as it is written: defaults would fill in an address. */
export function checkTelemetry({ telemetry }: ClusterFile, file: SourceFile, findings: Findings): void {
  if (telemetry === undefined || (telemetry.collector === undefined) !== (telemetry.otlpEndpoint === undefined)) return
  const message =
    telemetry.collector === undefined ? 'it does not say where traces go' : 'it names two places that traces go to'
  const hint = 'write collector: xray, collector: ADDRESS, or otlpEndpoint: the address of a collector of your own'
  findings.add('TELEMETRY_TARGET', file.position(['telemetry'], 'key'), message, hint)
}

/** EventBridge asks from the cluster’s region, and CloudFront exempts no address from its countries. */
function checkCanaryCountry({ region, edge: { geo } }: Cluster, file: SourceFile, findings: Findings): void {
  const home = regions[region]?.country
  if (geo === undefined || home === undefined || geo.countries.includes(home) === (geo.mode === 'allow')) return
  const message = `the canary asks from ${region}, and callers from ${home} are not let in: its alarm would never end`
  const hint = geo.mode === 'allow' ? `add ${home} to edge.geo.countries` : `take ${home} out of edge.geo.countries`
  findings.add('CANARY_COUNTRY', file.position(['edge', 'geo']), message, hint)
}

function checkLogRetention({ monitoring }: Cluster, file: SourceFile, findings: Findings): void {
  const days = monitoring.logRetentionDays
  const longer = logRetentions.findIndex((allowed) => allowed >= days)
  if (logRetentions[longer] === days) return
  const near = [logRetentions[longer - 1], logRetentions[longer]].filter((one) => one !== undefined)
  const message = `CloudWatch keeps no log for ${days} days`
  findings.add(
    'LOG_RETENTION',
    file.position(['monitoring', 'logRetentionDays']),
    message,
    `write ${near.join(' or ')}`,
  )
}
