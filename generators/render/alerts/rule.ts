// Rules as Prometheus reads them, with what every alert of ours carries.
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import type { Cluster } from '../../schema/cluster.ts'
import { labels, partOf } from '../../schema/contract.ts'
import { pageUrl } from '../../schema/git-address.ts'
import { type AlertName, alertId, alerts } from './registry.ts'

type Group = NonNullable<IPrometheusRule['spec']['groups']>[number]
export type Rule = NonNullable<Group['rules']>[number]

export interface AlertInput {
  name: AlertName
  severity: 'page' | 'ticket'
  expr: string
  /** Seconds for which it must hold. */
  forSeconds?: number
  /** What is known of it, beside the labels of the expression. */
  labels?: Record<string, string>
  /** One sentence for this very case; `{{ $labels.x }}` and `{{ $value }}` are filled in by Prometheus. */
  summary: string
}

/** Where somebody who is woken reads what to do. */
export const alertPage = ({ gitops }: Cluster, name: AlertName): string =>
  pageUrl(gitops, `docs/alerts/${alertId(name)}.md`)

/** Of a number in an expression: more digits say nothing. */
export const sixDigits = (value: number): number => Number(value.toPrecision(6))

const duration = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`)

export const alertRule = (cluster: Cluster, input: AlertInput): Rule => ({
  alert: input.name,
  expr: input.expr,
  ...(input.forSeconds === undefined ? {} : { for: duration(input.forSeconds) }),
  // Alertmanager passes on what has this label, and nothing of the charts' own alerts.
  labels: { ...input.labels, part_of: partOf, cluster: cluster.name, severity: input.severity },
  annotations: {
    summary: input.summary,
    description: alerts[input.name].sentence,
    runbook_url: alertPage(cluster, input.name),
  },
})

export const prometheusRule = (
  { name, namespace, ownLabels }: { name: string; namespace: string; ownLabels?: Record<string, string> },
  groups: Record<string, Rule[]>,
): IPrometheusRule => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name, namespace, labels: ownLabels ?? { [labels.partOf]: partOf } },
  spec: {
    groups: Object.entries(groups)
      .filter(([, rules]) => rules.length > 0)
      .map(([group, rules]) => ({ name: group, rules })),
  },
})
