// Rules about who can reach what: security groups, the Kubernetes API, TLS versions.
import type { Graph, Resource } from '../../graph/graph.ts'
import { added, first, type Rule, walk } from './rule.ts'

const everywhere = ['0.0.0.0/0', '::/0']

const ingressRules = (graph: Graph): Resource[] =>
  graph.resources.filter(
    ({ type, inputs }) =>
      type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule' ||
      (type === 'aws:ec2/securityGroupRule:SecurityGroupRule' && inputs.type === 'ingress'),
  )

const groups = (graph: Graph): Resource[] => graph.resources.filter(({ type }) => /ecurityGroup$/.test(type))

/** Inline rules are a second place to look, and fight with rule resources. */
const inline = ({ name, inputs }: Resource): string[] =>
  ['ingress', 'egress'].filter((key) => inputs[key] !== undefined).map((key) => `${name}: inline ${key} rules`)

export const noOpenIngress: Rule = {
  sentence:
    'nothing in the VPC takes traffic from everywhere: the edge is CloudFront and API Gateway, which have no security group',
  check: (graph) => [
    ...ingressRules(graph)
      .filter(({ inputs }) => [...walk(inputs)].some(({ value }) => everywhere.includes(String(value))))
      .map(({ name }) => `${name}: from everywhere`),
    ...groups(graph).flatMap(inline),
  ],
  breaks: {
    'a rule for everybody': (graph) => {
      first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs.cidrIpv4 = '0.0.0.0/0'
    },
    'a rule for everybody by IPv6': (graph) => {
      first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs.cidrIpv6 = '::/0'
    },
    'a rule of the old kind': (graph) =>
      added(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', { cidrIpv4: '0.0.0.0/0' }),
    'a rule inside its group': (graph) => {
      first(graph, 'aws:ec2/securityGroup:SecurityGroup').inputs.ingress = [{ cidrBlocks: ['10.0.0.0/8'] }]
    },
  },
}

export const narrowIngress: Rule = {
  sentence: 'every ingress rule names one source, one protocol and its ports, and says what for',
  check: (graph) =>
    ingressRules(graph).flatMap(({ name, inputs }) => {
      const sources = ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId']
      const given = sources.filter((key) => inputs[key] !== undefined)
      return [
        ...(given.length === 1 ? [] : [`${name}: sources ${given.join(', ') || 'none'}`]),
        ...(inputs.ipProtocol === 'tcp' && Number(inputs.toPort) - Number(inputs.fromPort) < 10
          ? []
          : [`${name}: ${inputs.ipProtocol} ${inputs.fromPort}–${inputs.toPort}`]),
        ...(typeof inputs.description === 'string' ? [] : [`${name}: no description`]),
      ]
    }),
  breaks: {
    'all protocols': (graph) => {
      first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs.ipProtocol = '-1'
    },
    'all ports': (graph) => {
      first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs.fromPort = 0
    },
    'no reason': (graph) => {
      first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs.description = undefined
    },
    'no source': (graph) => {
      const { inputs } = first(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
      inputs.referencedSecurityGroupId = inputs.cidrIpv4 = undefined
    },
  },
}

export const noPublicAddresses: Rule = {
  sentence: 'no subnet gives out public addresses, and only public subnets lead to the internet gateway',
  check: (graph) => {
    const open = graph.resources
      .filter(({ type, inputs }) => type === 'aws:ec2/subnet:Subnet' && inputs.mapPublicIpOnLaunch !== false)
      .map(({ name }) => `${name}: public addresses`)
    const routes = graph.resources.filter(({ type, inputs }) => type === 'aws:ec2/route:Route' && inputs.gatewayId)
    const tables = routes.map(({ inputs }) => inputs.routeTableId)
    const wrong = graph.resources.filter(
      ({ type, inputs, name }) =>
        type === 'aws:ec2/routeTableAssociation:RouteTableAssociation' &&
        tables.includes(inputs.routeTableId) &&
        !name.includes('-public-'),
    )
    return [...open, ...wrong.map(({ name }) => `${name}: leads to the internet gateway`)]
  },
  breaks: {
    'public addresses for nodes': (graph) => {
      first(graph, 'aws:ec2/subnet:Subnet').inputs.mapPublicIpOnLaunch = true
    },
    'a private subnet at the internet': (graph) => {
      const table = first(graph, 'aws:ec2/route:Route').inputs.routeTableId
      added(graph, 'aws:ec2/routeTableAssociation:RouteTableAssociation', { routeTableId: table })
    },
  },
}

export const privateKubernetesApi: Rule = {
  sentence: 'the Kubernetes API has a private endpoint, and a public one only for listed ranges',
  check: (graph) =>
    graph.resources
      .filter(({ type }) => type === 'aws:eks/cluster:Cluster')
      .flatMap(({ name, inputs }) => {
        const config = inputs.vpcConfig as Record<string, unknown>
        const ranges = (config.publicAccessCidrs ?? []) as string[]
        return [
          ...(config.endpointPrivateAccess === true ? [] : [`${name}: no private endpoint`]),
          ...(config.endpointPublicAccess === true && ranges.length === 0 ? [`${name}: public for everybody`] : []),
          ...(ranges.some((range) => everywhere.includes(range)) ? [`${name}: public for everybody`] : []),
        ]
      }),
  breaks: {
    'public without a list': (graph) => {
      const config = first(graph, 'aws:eks/cluster:Cluster').inputs.vpcConfig as Record<string, unknown>
      config.publicAccessCidrs = undefined
    },
    'public for everybody': (graph) => {
      const config = first(graph, 'aws:eks/cluster:Cluster').inputs.vpcConfig as Record<string, unknown>
      config.publicAccessCidrs = ['0.0.0.0/0']
    },
    'no private endpoint': (graph) => {
      const config = first(graph, 'aws:eks/cluster:Cluster').inputs.vpcConfig as Record<string, unknown>
      config.endpointPrivateAccess = false
    },
  },
}

/** Names of TLS policies that are new enough, whatever the service calls the setting. */
const tlsSettings = ['minimumProtocolVersion', 'securityPolicy', 'sslPolicy']
const tlsFloor =
  /^TLS_1_2$|^TLSv1\.2_20(?:2[1-9]|[3-9]\d)$|^TLSv1\.3|^SecurityPolicy_TLS1[23]_|^ELBSecurityPolicy-TLS13-/

export const tlsFloorEverywhere: Rule = {
  sentence: 'what speaks TLS speaks 1.2 or newer, with policies of 2021 or newer',
  check: (graph) =>
    graph.resources.flatMap(({ name, inputs }) =>
      [...walk(inputs)]
        .filter(({ path, value }) => tlsSettings.includes(path.at(-1) ?? '') && !tlsFloor.test(String(value)))
        .map(({ path, value }) => `${name}: ${path.join('.')} is ${value}`),
    ),
  breaks: {
    'a distribution with TLS 1.0': (graph) =>
      added(graph, 'aws:ec2/vpc:Vpc', { viewerCertificate: { minimumProtocolVersion: 'TLSv1' } }),
    'an API with TLS 1.0': (graph) =>
      added(graph, 'aws:ec2/vpc:Vpc', { domainNameConfiguration: { securityPolicy: 'TLS_1_0' } }),
  },
}

interface EndpointStatement {
  Effect: string
  Action: string | string[]
  Condition?: { StringEquals?: Record<string, string> }
}

export const narrowGateway: Rule = {
  sentence: 'through a gateway endpoint data leaves only for buckets of the account, with its own keys',
  check: (graph) =>
    graph.resources
      .filter(({ inputs }) => inputs.vpcEndpointType === 'Gateway')
      .flatMap(({ name, inputs }) => {
        if (inputs.policy === undefined) return [`${name}: no policy`]
        const { Statement } = JSON.parse(String(inputs.policy)) as { Statement: EndpointStatement[] }
        return Statement.filter(({ Action }) => String(Action) !== 's3:GetObject')
          .filter(({ Condition }) => {
            const { 'aws:PrincipalAccount': keys, 'aws:ResourceAccount': buckets } = Condition?.StringEquals ?? {}
            return keys === undefined || !/^\d{12}$/.test(keys) || keys !== buckets
          })
          .map(({ Action }) => `${name}: ${String(Action)} for other accounts`)
      }),
  breaks: {
    'no policy': (graph) => {
      gateway(graph).inputs.policy = undefined
    },
    'keys of others': (graph) => {
      const { inputs } = gateway(graph)
      inputs.policy = String(inputs.policy).replace('aws:PrincipalAccount', 'aws:SourceAccount')
    },
    'writing anywhere': (graph) => {
      const { inputs } = gateway(graph)
      inputs.policy = String(inputs.policy).replace('"s3:GetObject"', '["s3:GetObject","s3:PutObject"]')
    },
  },
}

function gateway(graph: Graph): Resource {
  const found = graph.resources.find(({ inputs }) => inputs.vpcEndpointType === 'Gateway')
  if (found === undefined) throw new Error('the graph has no gateway endpoint')
  return found
}
