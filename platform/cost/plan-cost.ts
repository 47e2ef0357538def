// What a platform costs a month before the first request: counted from the recorded graph, times list prices. Pure.
import { homeRegion, priceOf } from '../../generators/schema/prices.ts'
import { type Graph, isReal, ofType, type Resource, serviceOf } from '../graph/graph.ts'
import { hoursPerMonth, prices } from './prices.ts'

export interface CostLine {
  what: string
  count: number
  /** US dollars a month for all of them. */
  usd: number
}

const ofGraph = (graph: Graph, type: string): Resource[] => ofType(graph, type)

const hourly = (price: number): number => price * hoursPerMonth

function nodes(graph: Graph): CostLine[] {
  const groups = ofGraph(graph, 'aws:eks/nodeGroup:NodeGroup')
  const templates = ofGraph(graph, 'aws:ec2/launchTemplate:LaunchTemplate')
  const disk = templates
    .flatMap(({ inputs }) => inputs.blockDeviceMappings as { ebs: { volumeSize: number } }[])
    .reduce((sum, { ebs }) => sum + ebs.volumeSize, 0)
  return groups.map(({ inputs }) => {
    const [type = ''] = inputs.instanceTypes as string[]
    const { desiredSize: count } = inputs.scalingConfig as { desiredSize: number }
    const price = priceOf(type, homeRegion)
    if (price === undefined) throw new Error(`no price for ${type}`)
    return {
      what: `system node ${type} with ${disk} GB`,
      count,
      usd: count * (hourly(price.usdPerHour) + disk * prices.volumeGbMonth),
    }
  })
}

/** Metrics that alarms look at: each one of a rate counts. */
const alarmMetrics = (graph: Graph): number =>
  ofGraph(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm')
    .map(({ inputs }) => inputs.metricQueries as { metric?: object; expression?: string }[])
    .reduce((sum, queries) => sum + Math.max(1, queries.filter(({ metric }) => metric !== undefined).length), 0)

/** The dearest first. */
export function costLines(graph: Graph): CostLine[] {
  const each = (what: string, type: string, usd: number): CostLine => {
    const count = ofGraph(graph, type).length
    return { what, count, usd: count * usd }
  }
  const endpointZones = ofGraph(graph, 'aws:ec2/vpcEndpoint:VpcEndpoint')
    .filter(({ inputs }) => inputs.vpcEndpointType === 'Interface')
    .reduce((sum, { inputs }) => sum + (inputs.subnetIds as string[]).length, 0)
  const aclRules = ofGraph(graph, 'aws:wafv2/webAcl:WebAcl').reduce(
    (sum, { inputs }) => sum + (inputs.rules as object[]).length,
    0,
  )
  const watched = alarmMetrics(graph)
  const lines: CostLine[] = [
    each('EKS cluster', 'aws:eks/cluster:Cluster', hourly(prices.eksClusterHour)),
    ...nodes(graph),
    each('NAT gateway', 'aws:ec2/natGateway:NatGateway', hourly(prices.natGatewayHour)),
    each('public address', 'aws:ec2/eip:Eip', hourly(prices.publicAddressHour)),
    {
      what: 'interface endpoint in a zone',
      count: endpointZones,
      usd: endpointZones * hourly(prices.interfaceEndpointHour),
    },
    each('load balancer', 'aws:lb/loadBalancer:LoadBalancer', hourly(prices.loadBalancerHour)),
    each('web ACL', 'aws:wafv2/webAcl:WebAcl', prices.webAclMonth),
    { what: 'web ACL rule', count: aclRules, usd: aclRules * prices.webAclRuleMonth },
    each('KMS key', 'aws:kms/key:Key', prices.kmsKeyMonth),
    // Not in the graph: the bootstrap template makes it.
    { what: 'KMS key of the state', count: 1, usd: prices.kmsKeyMonth },
    each('secret', 'aws:secretsmanager/secret:Secret', prices.secretMonth),
    { what: 'metric under an alarm', count: watched, usd: watched * prices.alarmMetricMonth },
    each('dashboard', 'aws:cloudwatch/dashboard:Dashboard', prices.dashboardMonth),
    each(
      'metrics of the distribution',
      'aws:cloudfront/monitoringSubscription:MonitoringSubscription',
      prices.distributionMetricsMonth,
    ),
  ]
  return lines.filter(({ count }) => count > 0).toSorted((a, b) => b.usd - a.usd)
}

export const totalUsd = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0)

/** Resources by service, without components and providers. */
export function resourceCounts(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>()
  for (const service of graph.resources.filter(isReal).map(serviceOf).sort())
    counts.set(service, (counts.get(service) ?? 0) + 1)
  return counts
}
