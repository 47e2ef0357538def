// Rules about what the internet reaches: distributions and web ACLs, with their logs.

import { credentialHeaders, originHeader } from '../../../gateway/security-headers.ts'
import type { WebAclRule } from '../../edge/plan-web-acl.ts'
import { includedCapacity, webAclCapacity } from '../../edge/web-acl-capacity.ts'
import type { Graph, Resource } from '../../graph/graph.ts'
import { edgeRegion } from '../../providers.ts'
import { first, type Rule } from './rule.ts'

const distributionType = 'aws:cloudfront/distribution:Distribution'
const aclType = 'aws:wafv2/webAcl:WebAcl'
const aclLogType = 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration'
const sourceType = 'aws:cloudwatch/logDeliverySource:LogDeliverySource'
const monitoringType = 'aws:cloudfront/monitoringSubscription:MonitoringSubscription'

const all = (graph: Graph, type: string): Resource[] => graph.resources.filter((resource) => resource.type === type)

interface Origin {
  originId: string
  customHeaders?: { name: string }[]
  customOriginConfig?: { originProtocolPolicy: string; originSslProtocols: string[]; originReadTimeout?: number }
  vpcOriginConfig?: { originReadTimeout?: number }
}

interface Behavior {
  viewerProtocolPolicy: string
  responseHeadersPolicyId?: string
}

const originsOf = ({ inputs }: Resource) => inputs.origins as Origin[]
const behaviorsOf = ({ inputs }: Resource): Behavior[] => [
  inputs.defaultCacheBehavior as Behavior,
  ...((inputs.orderedCacheBehaviors ?? []) as Behavior[]),
]

function complaints(distribution: Resource): string[] {
  const { inputs } = distribution
  const viewer = (inputs.viewerCertificate ?? {}) as Record<string, unknown>
  const origins = originsOf(distribution)
  const proves = ({ customHeaders = [] }: Origin) => customHeaders.some(({ name }) => name === originHeader)
  const sealed = ({ customOriginConfig: config }: Origin) =>
    config === undefined ||
    (config.originProtocolPolicy === 'https-only' && config.originSslProtocols.join() === 'TLSv1.2')
  return [
    // Without it CloudFront begins at TLS 1.0, and no other rule has a value to look at.
    ...(viewer.minimumProtocolVersion === undefined ? ['no TLS policy'] : []),
    ...(typeof inputs.webAclId === 'string' ? [] : ['no web ACL']),
    ...(inputs.restrictions === undefined ? ['no word about countries'] : []),
    ...origins.filter((origin) => !proves(origin)).map(({ originId }) => `${originId} gets no ${originHeader}`),
    ...origins.filter((origin) => !sealed(origin)).map(({ originId }) => `${originId} is reached without TLS 1.2`),
    ...behaviorsOf(distribution).flatMap((behavior) => [
      ...(behavior.viewerProtocolPolicy === 'https-only' ? [] : [`viewers ${behavior.viewerProtocolPolicy}`]),
      ...(behavior.responseHeadersPolicyId === undefined ? ['answers without security headers'] : []),
    ]),
  ]
}

const origin = (graph: Graph, id: string): Origin => {
  const found = originsOf(first(graph, distributionType)).find(({ originId }) => originId === id)
  if (found === undefined) throw new Error(`no origin ${id}`)
  return found
}

/** CloudFront Developer Guide, quotas: response timeout of an origin, 1 to 120 s; API Reference, VpcOriginConfig: the same. */
const longestReadTimeout = 120

const readSeconds = ({ customOriginConfig, vpcOriginConfig }: Origin): number =>
  (customOriginConfig ?? vpcOriginConfig)?.originReadTimeout ?? 30

export const waitsThatAwsTakes: Rule = {
  sentence: 'an origin is waited for no longer than CloudFront takes',
  check: (graph) =>
    all(graph, distributionType).flatMap((distribution) =>
      originsOf(distribution)
        .filter((one) => readSeconds(one) > longestReadTimeout)
        .map((one) => `${one.originId}: ${readSeconds(one)} s`),
    ),
  breaks: {
    'three minutes for streams': (graph) => {
      origin(graph, 'stream').vpcOriginConfig = { originReadTimeout: 180 }
    },
  },
}

export const closedDistributions: Rule = {
  sentence: 'a distribution speaks TLS on both sides, has a web ACL, and proves itself at every origin',
  check: (graph) =>
    all(graph, distributionType).flatMap((one) => complaints(one).map((complaint) => `${one.name}: ${complaint}`)),
  breaks: {
    'no TLS policy': (graph) => {
      first(graph, distributionType).inputs.viewerCertificate = { acmCertificateArn: `arn:aws:acm:${edgeRegion}:1:x` }
    },
    'no web ACL': (graph) => {
      first(graph, distributionType).inputs.webAclId = undefined
    },
    'no word about countries': (graph) => {
      first(graph, distributionType).inputs.restrictions = undefined
    },
    'a lane without the secret': (graph) => {
      origin(graph, 'stream').customHeaders = []
    },
    'an API by HTTP': (graph) => {
      origin(graph, 'api').customOriginConfig = {
        originProtocolPolicy: 'match-viewer',
        originSslProtocols: ['TLSv1.2'],
      }
    },
    'an API by TLS 1.0': (graph) => {
      const originSslProtocols = ['TLSv1', 'TLSv1.2']
      origin(graph, 'api').customOriginConfig = { originProtocolPolicy: 'https-only', originSslProtocols }
    },
    'viewers by HTTP': (graph) => {
      const [behavior] = behaviorsOf(first(graph, distributionType))
      if (behavior !== undefined) behavior.viewerProtocolPolicy = 'allow-all'
    },
    'no security headers': (graph) => {
      const [behavior] = behaviorsOf(first(graph, distributionType))
      if (behavior !== undefined) behavior.responseHeadersPolicyId = undefined
    },
  },
}

const edgeSource = (graph: Graph): Resource => {
  const [source] = all(graph, sourceType).filter(({ inputs }) => inputs.logType === 'ACCESS_LOGS')
  if (source === undefined) throw new Error('no log of a distribution')
  return source
}

export const watchedDistributions: Rule = {
  sentence: 'a distribution writes access logs in us-east-1 and has its paid metrics',
  check: (graph) =>
    all(graph, distributionType).flatMap(({ name }) => {
      const of = (type: string) => all(graph, type).filter(({ dependencies }) => dependencies.includes(name))
      const sources = of(sourceType).filter(({ inputs }) => inputs.logType === 'ACCESS_LOGS')
      return [
        ...(sources.length === 1 ? [] : [`${name}: ${sources.length} access logs`]),
        ...sources.filter(({ region }) => region !== edgeRegion).map((one) => `${one.name}: in ${one.region}`),
        ...(of(monitoringType).length === 1 ? [] : [`${name}: no paid metrics`]),
      ]
    }),
  breaks: {
    'other logs': (graph) => {
      edgeSource(graph).inputs.logType = 'CONNECTION_LOGS'
    },
    'logs that start elsewhere': (graph) => {
      edgeSource(graph).region = 'eu-central-1'
    },
    'no metrics': (graph) => {
      graph.resources = graph.resources.filter(({ type }) => type !== monitoringType)
    },
  },
}

/** In each log of an ACL; at the ALB the secret of the edge is among the headers. */
const mustBeRedacted = [...credentialHeaders, 'cookie', originHeader]

const redacted = ({ inputs }: Resource): string[] =>
  ((inputs.redactedFields ?? []) as { singleHeader?: { name: string } }[]).flatMap(
    ({ singleHeader }) => singleHeader?.name ?? [],
  )

/** WAFV2 API Reference, EntityDescription. */
const describable = /^[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]$/

export const describedWebAcls: Rule = {
  sentence: 'the description of a web ACL has only characters that WAF takes',
  check: (graph) =>
    all(graph, aclType)
      .filter(({ inputs }) => !describable.test(String(inputs.description)))
      .map(({ name, inputs }) => `${name}: ${inputs.description}`),
  breaks: {
    'a semicolon': (graph) => {
      first(graph, aclType).inputs.description = 'ALB: this; and that'
    },
  },
}

export const discreetWebAcls: Rule = {
  sentence: 'a web ACL has one log, which holds neither tokens nor bodies, and gives no samples away',
  check: (graph) =>
    all(graph, aclType).flatMap((acl) => {
      const logs = all(graph, aclLogType).filter(({ dependencies }) => dependencies.includes(acl.name))
      const config = (acl.inputs.dataProtectionConfig ?? {}) as { dataProtections?: { field: { fieldType: string } }[] }
      const samples = [acl.inputs, ...(acl.inputs.rules as WebAclRule[])].filter(
        ({ visibilityConfig }) => (visibilityConfig as WebAclRule['visibilityConfig']).sampledRequestsEnabled !== false,
      )
      return [
        ...(logs.length === 1 ? [] : [`${acl.name}: ${logs.length} logs`]),
        ...logs.flatMap((log) =>
          mustBeRedacted.filter((header) => !redacted(log).includes(header)).map((header) => `${log.name}: ${header}`),
        ),
        ...logs
          .filter(({ inputs }) => !String(inputs.logDestinationConfigs).includes(':log-group:aws-waf-logs-'))
          .map(({ name }) => `${name}: a group that WAF does not take`),
        ...(config.dataProtections?.some(({ field }) => field.fieldType === 'BODY')
          ? []
          : [`${acl.name}: shows bodies`]),
        ...samples.map(() => `${acl.name}: samples`),
      ]
    }),
  breaks: {
    'no log': (graph) => {
      graph.resources = graph.resources.filter(({ type }) => type !== aclLogType)
    },
    'tokens in the log': (graph) => {
      first(graph, aclLogType).inputs.redactedFields = [{ singleHeader: { name: 'cookie' } }]
    },
    'a group of another name': (graph) => {
      first(graph, aclLogType).inputs.logDestinationConfigs = [`arn:aws:logs:${edgeRegion}:1:log-group:/slipway/waf`]
    },
    'bodies in match details': (graph) => {
      first(graph, aclType).inputs.dataProtectionConfig = undefined
    },
    'samples of one rule': (graph) => {
      const [rule] = first(graph, aclType).inputs.rules as { visibilityConfig: object }[]
      if (rule !== undefined) rule.visibilityConfig = { sampledRequestsEnabled: true }
    },
  },
}

export const affordableWebAcls: Rule = {
  sentence: `a web ACL takes at most the ${includedCapacity} capacity units that its price covers`,
  check: (graph) =>
    all(graph, aclType)
      .map(({ name, inputs }) => ({ name, capacity: webAclCapacity(inputs.rules as WebAclRule[]) }))
      .filter(({ capacity }) => capacity > includedCapacity)
      .map(({ name, capacity }) => `${name}: ${capacity}`),
  breaks: {
    'the common rules twice': (graph) => {
      const { inputs } = first(graph, aclType)
      inputs.rules = [...(inputs.rules as WebAclRule[]), ...(inputs.rules as WebAclRule[])]
    },
  },
}
