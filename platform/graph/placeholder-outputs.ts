// What AWS would answer, made up: ids and ARNs of the right form, so that whatever is built from them can be checked. Types that
// are not here get an id and an ARN; an output that is missing comes out as undefined, and a rule finds it.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { nodePoolLabel, systemNodePool } from '../../generators/schema/contract.ts'
import { type Resource, serviceOf } from './graph.ts'

const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 32, 7)

/** 8 hexadecimal digits that depend on the name alone. */
const digits = (text: string): string => hash(text).toString(16).padStart(8, '0')

const distributionId = (name: string): string => `E${digits(name).toUpperCase()}`

type State = Record<string, unknown>

/** The part of an ARN that names the service, where it is not the name of Pulumi’s module; by the beginning of the type. */
const arnServices: [start: string, service: string][] = [
  ['aws:lb/', 'elasticloadbalancing'],
  ['aws:cloudwatch/event', 'events'],
  ['aws:cloudwatch/log', 'logs'],
]

/** Last part of the ARN, by type; `NAME` otherwise. */
const arnEndings: Record<string, (resource: Resource, name: string) => string> = {
  'aws:iam/role:Role': (_, name) => `role/${name}`,
  'aws:kms/key:Key': ({ name }) => `key/${digits(name)}`,
  'aws:eks/cluster:Cluster': (_, name) => `cluster/${name}`,
  'aws:acm/certificate:Certificate': ({ name }) => `certificate/${digits(name)}`,
  'aws:cloudwatch/logGroup:LogGroup': (_, name) => `log-group:${name}`,
  'aws:lb/loadBalancer:LoadBalancer': ({ name: id }, name) => `loadbalancer/app/${name}/${digits(id)}`,
  'aws:lb/listener:Listener': ({ name }) => `listener/app/${digits(`${name}-alb`)}/${digits(name)}`,
  'aws:wafv2/webAcl:WebAcl': ({ name: id, inputs }, name) =>
    `${inputs.scope === 'CLOUDFRONT' ? 'global' : 'regional'}/webacl/${name}/${digits(id)}`,
  'aws:cloudfront/distribution:Distribution': ({ name }) => `distribution/${distributionId(name)}`,
  'aws:cloudwatch/metricAlarm:MetricAlarm': (_, name) => `alarm:${name}`,
  'aws:cloudwatch/eventRule:EventRule': (_, name) => `rule/${name}`,
  'aws:cloudwatch/eventConnection:EventConnection': ({ name }) => `connection/${name}/${digits(name)}`,
  'aws:cloudwatch/eventApiDestination:EventApiDestination': ({ name }) => `api-destination/${name}/${digits(name)}`,
  'aws:cloudwatch/logDeliverySource:LogDeliverySource': (_, name) => `delivery-source:${name}`,
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': (_, name) => `delivery-destination:${name}`,
  'aws:secretsmanager/secret:Secret': (_, name) => `secret:${name}-AbCdEf`,
}

/** Outputs that are not inputs, by type. */
const outputsOf: Record<string, (resource: Resource, name: string) => State> = {
  'aws:ec2/vpc:Vpc': ({ name }) => ({ id: `vpc-${digits(name)}` }),
  'aws:ec2/subnet:Subnet': ({ name }) => ({ id: `subnet-${digits(name)}` }),
  'aws:ec2/securityGroup:SecurityGroup': ({ name }) => ({ id: `sg-${digits(name)}` }),
  'aws:ec2/launchTemplate:LaunchTemplate': ({ name }) => ({ id: `lt-${digits(name)}`, latestVersion: 1 }),
  'aws:kms/key:Key': ({ name }) => ({ id: digits(name), keyId: digits(name) }),
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ inputs }) =>
    inputs.vpcEndpointType === 'Gateway' ? { cidrBlocks: ['52.216.0.0/15', '3.5.0.0/19'] } : {},
  'aws:sqs/queue:Queue': (_, name) => ({ url: `https://sqs.amazonaws.com/1/${name}` }),
  'aws:route53/record:Record': ({ inputs }) => ({ fqdn: inputs.name }),
  'aws:lb/loadBalancer:LoadBalancer': ({ name: id }, name) => ({
    arnSuffix: `app/${name}/${digits(id)}`,
    dnsName: `internal-${name}-1.elb.amazonaws.com`,
    zoneId: 'Z35SXDOTRQ7X7K',
  }),
  'aws:cloudfront/distribution:Distribution': ({ name }) => ({
    id: distributionId(name),
    domainName: `d${digits(name)}.cloudfront.net`,
    // The same for every distribution.
    hostedZoneId: 'Z2FDTNDATAQYW2',
  }),
  'aws:apigatewayv2/api:Api': ({ name }) => ({ id: `a${digits(name)}` }),
  'aws:apigatewayv2/domainName:DomainName': ({ name, inputs, region }) => ({
    domainNameConfiguration: {
      ...(inputs.domainNameConfiguration as State),
      targetDomainName: `d-${digits(name)}.execute-api.${region}.amazonaws.com`,
      hostedZoneId: 'Z1UJRXOUMOOFQ8',
    },
  }),
  'aws:eks/cluster:Cluster': ({ name: id, inputs, region }, name) => ({
    id: name,
    endpoint: `https://${digits(id).toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
    certificateAuthority: { data: 'bm90IGEgY2VydGlmaWNhdGU=' },
    vpcConfig: { ...(inputs.vpcConfig as State), clusterSecurityGroupId: `sg-${digits(`${id}-cluster`)}` },
  }),
  'aws:acm/certificate:Certificate': ({ name, inputs }) => ({
    domainValidationOptions: [
      {
        domainName: inputs.domainName,
        resourceRecordName: `_${digits(name)}.${inputs.domainName}.`,
        resourceRecordType: 'CNAME',
        resourceRecordValue: `_${digits(`${name}-value`)}.acm-validations.aws.`,
      },
    ],
  }),
}

export function placeholderOutputs(resource: Resource, cluster: Cluster): { id: string; state: State } {
  const { type, inputs } = resource
  const service = serviceOf(resource)
  const name = typeof inputs.name === 'string' ? inputs.name : `${resource.name}-${digits(resource.name).slice(0, 7)}`
  const region = ['iam', 'cloudfront'].includes(service) ? '' : (resource.region ?? '')
  const ending = arnEndings[type]?.(resource, name) ?? name
  const arnService = arnServices.find(([start]) => type.startsWith(start))?.[1] ?? service
  const arn = `arn:aws:${arnService}:${region}:${cluster.account}:${ending}`
  const made = outputsOf[type]?.(resource, name) ?? {}
  return { id: String(made.id ?? `${resource.name}-id`), state: { arn, ...inputs, name, ...made } }
}

/** As its owner has made it for what the cluster file says. */
function existingCluster(name: string, { account, region, network, kubernetes }: Cluster): State {
  const { version, serviceCidr, securityGroup } = kubernetes.existing ?? {}
  return {
    arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
    version,
    endpoint: `https://${digits(name).toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
    certificateAuthorities: [{ data: 'bm90IGEgY2VydGlmaWNhdGU=' }],
    accessConfigs: [{ authenticationMode: 'API' }],
    kubernetesNetworkConfigs: [{ serviceIpv4Cidr: serviceCidr }],
    vpcConfig: {
      clusterSecurityGroupId: securityGroup,
      endpointPrivateAccess: true,
      subnetIds: network.existing?.subnets.controlPlane.map(({ id }) => id),
      vpcId: network.existing?.vpcId,
    },
  }
}

/** Answers of data sources, by token. */
const answersOf: Record<string, (inputs: State, cluster: Cluster) => State> = {
  'aws:eks/getCluster:getCluster': ({ name }, cluster) => existingCluster(String(name), cluster),
  'aws:eks/getNodeGroup:getNodeGroup': () => ({ labels: { [nodePoolLabel]: systemNodePool }, taints: [] }),
  'aws:route53/getZone:getZone': ({ name, privateZone }) => {
    const id = `Z${digits(`${name}${privateZone === true ? ' inside' : ''}`)}`
    return { id, zoneId: id }
  },
  'aws:ec2/getVpc:getVpc': ({ id }) => ({ id }),
  'aws:ec2/getSubnet:getSubnet': ({ id }) => ({ id }),
  'aws:ec2/getPrefixList:getPrefixList': () => ({ cidrBlocks: ['192.0.2.0/24'] }),
  'aws:ec2/getInternetGateway:getInternetGateway': ({ filters }) => ({
    internetGatewayId: `igw-${digits(JSON.stringify(filters))}`,
  }),
  'aws:ec2/getSecurityGroup:getSecurityGroup': ({ filters }) => ({ id: `sg-${digits(JSON.stringify(filters))}` }),
  'aws:secretsmanager/getSecretVersion:getSecretVersion': () => ({
    secretString: JSON.stringify({ username: 'git', password: 'not a password', sshPrivateKey: 'not a key' }),
  }),
}

export function placeholderCall(token: string, inputs: State, cluster: Cluster): State {
  const answer = answersOf[token]
  const details = `graph/placeholder-outputs.ts has no answer for ${token}`
  // Pulumi prints the `details` of what a call throws, as its wire format has them.
  if (answer === undefined) throw Object.assign(new Error(details), { details })
  return { ...inputs, ...answer(inputs, cluster) }
}
