// Rules about what must not be lost: protected resources, and logs that are kept as long as agreed and no longer.
import { logRetentions } from '../../../generators/schema/cluster-monitoring.ts'
import type { Resource } from '../../graph/graph.ts'
import { added, first, type Rule } from './rule.ts'

/** Types whose loss is an outage or loses data; with AWS’s own switch where there is one. */
const precious: Record<string, (resource: Resource) => boolean> = {
  'aws:ec2/vpc:Vpc': () => true,
  'aws:kms/key:Key': () => true,
  'aws:lb/listener:Listener': () => true,
  'aws:lb/loadBalancer:LoadBalancer': ({ inputs }) => inputs.enableDeletionProtection === true,
  'aws:cloudfront/distribution:Distribution': () => true,
  'aws:eks/cluster:Cluster': ({ inputs }) => inputs.deletionProtection === true,
  'aws:secretsmanager/secret:Secret': ({ inputs }) => Number(inputs.recoveryWindowInDays) >= 7,
  'aws:s3/bucket:Bucket': ({ inputs }) => inputs.forceDestroy !== true,
}

/**
 * Types without which no request is answered: a destroy that nobody meant must not take them. Left out is what an ordinary change
 * replaces or takes away: system nodes and VPC link (another zone), the VPC origin with its lane, open routes, a secret’s value.
 */
const onTheWay = new Set([
  'aws:apigatewayv2/api:Api',
  'aws:apigatewayv2/apiMapping:ApiMapping',
  'aws:apigatewayv2/authorizer:Authorizer',
  'aws:apigatewayv2/domainName:DomainName',
  'aws:apigatewayv2/integration:Integration',
  'aws:apigatewayv2/stage:Stage',
  'aws:cloudfront/cachePolicy:CachePolicy',
  'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy',
  'aws:ec2/eip:Eip',
  'aws:ec2/internetGateway:InternetGateway',
  'aws:ec2/natGateway:NatGateway',
  'aws:ec2/route:Route',
  'aws:ec2/routeTable:RouteTable',
  'aws:ec2/routeTableAssociation:RouteTableAssociation',
  'aws:ec2/subnet:Subnet',
  'aws:eks/addon:Addon',
  'aws:wafv2/webAcl:WebAcl',
])

/** Names of the domain and of the API; those by which certificates are proven come back by themselves. */
const isName = ({ type, inputs }: Resource): boolean =>
  type === 'aws:route53/record:Record' && inputs.aliases !== undefined

export const keptWay: Rule = {
  sentence: 'what keeps the site up is protected',
  check: (graph) =>
    graph.resources
      .filter((resource) => (onTheWay.has(resource.type) || isName(resource)) && !resource.protect)
      .map(({ name }) => `${name}: a destroy takes it`),
  breaks: {
    'a name that goes first': (graph) => {
      for (const record of graph.resources.filter(isName)) record.protect = false
    },
    'nodes without a way out': (graph) => {
      first(graph, 'aws:ec2/natGateway:NatGateway').protect = false
    },
  },
}

export const deletionProtection: Rule = {
  sentence: 'what must not be lost is protected, in Pulumi and where AWS has a switch',
  check: (graph) =>
    graph.resources
      .filter((resource) => {
        const switched = precious[resource.type]
        return switched !== undefined && !(resource.protect && switched(resource))
      })
      .map(({ name }) => `${name}: not protected`),
  breaks: {
    'a VPC that Pulumi may delete': (graph) => {
      first(graph, 'aws:ec2/vpc:Vpc').protect = false
    },
    'a distribution that Pulumi may delete': (graph) => {
      first(graph, 'aws:cloudfront/distribution:Distribution').protect = false
    },
    'a load balancer that AWS deletes on request': (graph) => {
      first(graph, 'aws:lb/loadBalancer:LoadBalancer').inputs.enableDeletionProtection = false
    },
    'a cluster that AWS deletes on request': (graph) => {
      first(graph, 'aws:eks/cluster:Cluster').inputs.deletionProtection = undefined
    },
    'a secret that is gone at once': (graph) => {
      first(graph, 'aws:secretsmanager/secret:Secret').inputs.recoveryWindowInDays = 0
    },
  },
}

export const logRetention: Rule = {
  sentence: 'every log group has a fixed name and is kept for a number of days that CloudWatch takes',
  check: (graph) =>
    graph.resources
      .filter(({ type }) => type === 'aws:cloudwatch/logGroup:LogGroup')
      .filter(({ inputs }) => {
        const named = typeof inputs.name === 'string' && /^(?:\/slipway\/|\/aws\/|aws-waf-logs-)/.test(inputs.name)
        return !named || !(logRetentions as readonly unknown[]).includes(inputs.retentionInDays)
      })
      .map(({ name, inputs }) => `${name}: ${inputs.name}, ${inputs.retentionInDays} days`),
  breaks: {
    'logs forever': (graph) => {
      first(graph, 'aws:cloudwatch/logGroup:LogGroup').inputs.retentionInDays = undefined
    },
    'a number that CloudWatch refuses': (graph) => {
      first(graph, 'aws:cloudwatch/logGroup:LogGroup').inputs.retentionInDays = 45
    },
    'a made-up name': (graph) => {
      first(graph, 'aws:cloudwatch/logGroup:LogGroup').inputs.name = undefined
    },
  },
}

const planeLogs = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

export const controlPlaneLogged: Rule = {
  sentence: 'the control plane logs everything, into a group that was made before it',
  check: (graph) =>
    graph.resources
      .filter(({ type }) => type === 'aws:eks/cluster:Cluster')
      .flatMap(({ name, inputs, dependencies }) => {
        const on = (inputs.enabledClusterLogTypes ?? []) as string[]
        const group = graph.resources.find(
          (other) =>
            other.type === 'aws:cloudwatch/logGroup:LogGroup' &&
            other.inputs.name === `/aws/eks/${inputs.name}/cluster`,
        )
        return [
          ...planeLogs.filter((log) => !on.includes(log)).map((log) => `${name}: no ${log} log`),
          ...(group !== undefined && dependencies.includes(group.name) ? [] : [`${name}: its log group comes later`]),
        ]
      }),
  breaks: {
    'a log that is off': (graph) => {
      first(graph, 'aws:eks/cluster:Cluster').inputs.enabledClusterLogTypes = ['api']
    },
    'a group that EKS makes itself': (graph) => {
      first(graph, 'aws:eks/cluster:Cluster').dependencies = []
    },
  },
}

/** Lengths that AWS takes; Pulumi adds a dash and seven characters to a name that is not given. */
const longest: Record<string, number> = {
  'aws:iam/role:Role': 64,
  'aws:lb/loadBalancer:LoadBalancer': 32,
  'aws:cloudwatch/eventRule:EventRule': 64,
  'aws:eks/nodeGroup:NodeGroup': 63,
  'aws:sqs/queue:Queue': 80,
  'aws:apigatewayv2/vpcLink:VpcLink': 128,
  'aws:wafv2/webAcl:WebAcl': 128,
}

export const shortNames: Rule = {
  sentence: 'no name is longer than AWS takes, even for a cluster with the longest name',
  check: (graph) =>
    graph.resources.flatMap(({ type, name, inputs }) => {
      const limit = longest[type]
      const length = typeof inputs.name === 'string' ? inputs.name.length : name.length + 8
      return limit === undefined || length <= limit ? [] : [`${name}: ${length} characters, ${type} takes ${limit}`]
    }),
  breaks: {
    'a long role': (graph) => {
      first(graph, 'aws:iam/role:Role').name = 'r'.repeat(57)
    },
    'a long name that is given': (graph) => {
      first(graph, 'aws:lb/loadBalancer:LoadBalancer').inputs.name = 'l'.repeat(33)
    },
  },
}

/** Of descriptions of security groups and their rules; anything else is refused when it is made. */
const allowed = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/

export const plainDescriptions: Rule = {
  sentence: 'descriptions of security groups and rules hold only characters that EC2 takes',
  check: (graph) =>
    graph.resources
      .filter(({ type, inputs }) => /:SecurityGroup\w*$/.test(type) && inputs.description !== undefined)
      .filter(({ inputs }) => !allowed.test(String(inputs.description)))
      .map(({ name, inputs }) => `${name}: ${inputs.description}`),
  breaks: {
    'a typographic apostrophe': (graph) =>
      added(graph, 'aws:ec2/securityGroup:SecurityGroup', { description: 'the gateway’s port' }),
  },
}
