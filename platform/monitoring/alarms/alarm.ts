// What an entry of the registry is, and how its silence is to be taken.
import type { EdgeKind } from '../../../generators/schema/edge-kinds.ts'

/** What only AWS knows; written in braces in an entry, filled in by the components. */
export const targetNames = [
  'apiId',
  'stage',
  'loadBalancer',
  'distributionId',
  'edgeWebAcl',
  'regionalWebAcl',
  'region',
  'canaryRule',
] as const

export type TargetName = (typeof targetNames)[number]

/** A metric of AWS by its name and dimensions, summed up over a period. */
export interface Metric {
  namespace: string
  name: string
  dimensions: Readonly<Record<string, string>>
  /** Sum, Average, p99 … */
  stat: string
}

/** One metric, errors per hundred of a total, or a query over metrics whose dimensions nobody knows before. */
export type Measure =
  | { metric: Metric }
  | { errors: Metric; total: Metric /** Below this many in a period the rate says nothing. */; fewest: number }
  | { query: string }

export interface Alarm {
  id: string
  /** Part of the dashboard. */
  group: 'edge' | 'api' | 'load balancer' | 'firewall' | 'way'
  /** Where metric and alarm are: the cluster’s region, or us-east-1 with all of CloudFront’s. */
  place: 'region' | 'edge'
  /** Kinds of edges that have what is measured; left out: all. */
  edges?: readonly EdgeKind[]
  /** page: somebody must look now. ticket: on the next working day. */
  severity: 'page' | 'ticket'
  sentence: string
  measure: Measure
  threshold: number
  comparison: 'above' | 'below'
  unit: '%' | 'ms' | 's' | ''
  periodSeconds: number
  /** Periods in a row. */
  periods: number
  /** Whether silence is fine, and why. */
  silence: { means: 'fine' | 'trouble'; because: string }
}

export const minutes = (count: number): number => count * 60
export const noTraffic = { means: 'fine', because: 'without requests there is no sample' } as const
export const onlyErrors = { means: 'fine', because: 'AWS writes it only when it happens' } as const
