// Rules about where things are: what CloudFront reads in us-east-1, everything else in the cluster's region.
import { type Graph, type Resource, serviceOf } from '../../graph/graph.ts'
import { edgeRegion } from '../../providers.ts'
import { added, first, type Rule, strings, walk } from './rule.ts'

/** Without region of their own: made through any, they refer to resources everywhere. */
const global = ['iam', 'cloudfront', 'route53', 'budgets']

/** Services that have nothing at the edge. */
const regional = ['ec2', 'vpc', 'eks', 'lb', 'apigatewayv2', 'sqs', 'secretsmanager']

/** Namespaces whose metrics exist in us-east-1 alone. */
const edgeNamespaces = ['AWS/CloudFront', 'AWS/Billing', 'AWS/Route53']

/** CloudFront’s ACLs report without the dimension Region, in us-east-1. */
const isEdgeMetric = (metric: Record<string, unknown>): boolean =>
  edgeNamespaces.includes(String(metric.namespace)) ||
  (metric.namespace === 'AWS/WAFV2' && !Object.hasOwn((metric.dimensions ?? {}) as object, 'Region'))

/** Every metric that an alarm looks at, alone or in an expression. */
const metricsOf = ({ inputs }: Resource): Record<string, unknown>[] =>
  [...walk(inputs)]
    .map(({ value }) => value)
    .filter(
      (value): value is Record<string, unknown> =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, 'namespace'),
    )

/** The region in which a resource has to be, where its inputs say it; undefined: any of the two. */
function wantedRegion(resource: Resource, clusterRegion: string): string | undefined {
  const { inputs, type } = resource
  if (inputs.scope === 'CLOUDFRONT') return edgeRegion
  if (inputs.scope === 'REGIONAL' || regional.includes(serviceOf(resource))) return clusterRegion
  if (type !== 'aws:cloudwatch/metricAlarm:MetricAlarm') return undefined
  const metrics = metricsOf(resource)
  if (metrics.length === 0) return undefined
  return metrics.some(isEdgeMetric) ? edgeRegion : clusterRegion
}

const clusterRegionOf = (graph: Graph): string => String(graph.outputs.region)

export const rightRegion: Rule = {
  sentence: 'what CloudFront reads is in us-east-1, and what serves the cluster in its region',
  check: (graph) =>
    graph.resources.flatMap((resource) => {
      const wanted = wantedRegion(resource, clusterRegionOf(graph))
      return wanted === undefined || resource.region === wanted
        ? []
        : [`${resource.name}: in ${resource.region}, wanted in ${wanted}`]
    }),
  breaks: {
    'a queue at the edge': (graph) => {
      first(graph, 'aws:sqs/queue:Queue').region = edgeRegion
    },
    'a web ACL of CloudFront in the region': (graph) => added(graph, 'aws:sqs/queue:Queue', { scope: 'CLOUDFRONT' }),
    'the web ACL of the edge in the region': (graph) => {
      const acl = graph.resources.find(({ inputs }) => inputs.scope === 'CLOUDFRONT')
      if (acl !== undefined) acl.region = clusterRegionOf(graph)
    },
    'the web ACL of the load balancer at the edge': (graph) => {
      const acl = graph.resources.find(({ inputs }) => inputs.scope === 'REGIONAL')
      if (acl !== undefined) acl.region = edgeRegion
    },
    'an alarm on CloudFront in the region': (graph) =>
      graph.resources.push({
        ...first(graph, 'aws:sqs/queue:Queue'),
        type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
        inputs: { metricQueries: [{ metric: { namespace: 'AWS/CloudFront' } }] },
      }),
    'an alarm on the edge’s web ACL in the region': (graph) =>
      graph.resources.push({
        ...first(graph, 'aws:sqs/queue:Queue'),
        type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
        inputs: { namespace: 'AWS/WAFV2', dimensions: { WebACL: 'edge', Rule: 'ALL' } },
      }),
    'an alarm on the load balancer at the edge': (graph) =>
      graph.resources.push({
        ...first(graph, 'aws:sqs/queue:Queue'),
        region: edgeRegion,
        type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
        inputs: { namespace: 'AWS/ApplicationELB' },
      }),
  },
}

/** Region in an ARN; undefined where there is none, as in those of IAM. */
const regionOfArn = (text: string): string | undefined => /^arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):/.exec(text)?.[1]

export const sameRegionReferences: Rule = {
  sentence: 'a resource refers only to keys, logs and topics of its own region',
  check: (graph) =>
    graph.resources
      .filter((resource) => resource.region !== undefined && !global.includes(serviceOf(resource)))
      .flatMap((resource) =>
        strings(resource)
          .filter(({ value }) => ![undefined, resource.region].includes(regionOfArn(value)))
          .map(({ path, value }) => `${resource.name} in ${resource.region}: ${path.join('.')} is ${value}`),
      ),
  breaks: {
    'a web ACL that logs elsewhere': (graph) => {
      const type = 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration'
      first(graph, type).inputs.logDestinationConfigs = ['arn:aws:logs:ap-south-1:1:log-group:aws-waf-logs-x']
    },
    'access logs delivered elsewhere': (graph) => {
      const { inputs } = first(graph, 'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination')
      inputs.deliveryDestinationConfiguration = { destinationResourceArn: 'arn:aws:logs:ap-south-1:1:log-group:x' }
    },
    'a log group with a key from elsewhere': (graph) => {
      first(graph, 'aws:cloudwatch/logGroup:LogGroup').inputs.kmsKeyId = 'arn:aws:kms:us-east-1:1:key/2'
    },
  },
}

/** Where CloudFront looks for its certificate and its web ACL. */
const edgeReferences = ['acmCertificateArn', 'webAclId']

export const edgeReadsItsRegion: Rule = {
  sentence: 'certificate and web ACL of a distribution are those of us-east-1',
  check: (graph) =>
    graph.resources.flatMap((resource) =>
      strings(resource)
        .filter(({ path }) => edgeReferences.includes(path.at(-1) ?? ''))
        .filter(({ value }) => regionOfArn(value) !== edgeRegion)
        .map(({ path, value }) => `${resource.name}: ${path.join('.')} is ${value}`),
    ),
  breaks: {
    'a certificate of the region': (graph) =>
      added(graph, 'aws:ec2/vpc:Vpc', {
        viewerCertificate: { acmCertificateArn: 'arn:aws:acm:eu-central-1:1:certificate/2' },
      }),
  },
}
