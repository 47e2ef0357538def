// The OpenTelemetry collector of a cluster whose file says `telemetry.collector`: where it is, and what its target adds to the chart values.
import type { Cluster } from './cluster.ts'
import { namespaces } from './contract.ts'

/** Name of the add-on, and so of its Service. OTLP over HTTP alone: the gateway and the engines speak nothing else. */
export const collector = { addon: 'opentelemetry-collector', port: 4318 } as const

export const collectorUrl = `http://${collector.addon}.${namespaces.telemetry}.svc:${collector.port}`

/** The target that is no address. */
export const xray = 'xray'

/**
 * X-Ray takes OTLP itself, signed, where Transaction Search is on (Amazon CloudWatch user guide, “OTLP endpoints”; the exporter of X-Ray’s own
 * segments is called deprecated there). The exporter adds /v1/traces.
 */
export const targetUrl = ({ region, telemetry }: Pick<Cluster, 'region' | 'telemetry'>): string =>
  telemetry?.collector === xray ? `https://xray.${region}.amazonaws.com` : (telemetry?.collector ?? '')

/** Values that the target decides, over those of the add-on file. */
export function collectorValues(cluster: Pick<Cluster, 'region' | 'telemetry'>): Record<string, unknown> {
  const { region, telemetry } = cluster
  const endpoint = targetUrl(cluster)
  if (telemetry?.collector !== xray) return { alternateConfig: { exporters: { otlp_http: { endpoint } } } }
  return {
    alternateConfig: {
      extensions: { sigv4auth: { region, service: 'xray' } },
      exporters: { otlp_http: { endpoint, auth: { authenticator: 'sigv4auth' } } },
      service: { extensions: ['health_check', 'sigv4auth'] },
    },
  }
}
