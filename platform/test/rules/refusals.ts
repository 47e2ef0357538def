// Rules about what AWS would refuse although every input has the right form: order, and rights that a service needs.
import { type Graph, ofType, type Resource } from '../../graph/graph.ts'
import { first, type Rule } from './rule.ts'

/** Names that the resource is made after, by itself or with a component around it. At a deletion it goes before them. */
function madeAfter(graph: Graph, resource: Resource): Set<string> {
  const names = new Set(resource.dependencies)
  for (let parent = resource.parent; parent !== undefined; ) {
    const component = graph.resources.find(({ name, custom }) => name === parent && !custom)
    for (const name of component?.dependencies ?? []) names.add(name)
    parent = component?.parent
  }
  return names
}

interface Order {
  later: string
  earlier: string
  isMeant?: (earlier: Resource) => boolean
}

const orders: readonly Order[] = [
  // WAF deletes no web ACL that is attached (DeleteWebACL: WAFAssociatedItemException); the provider tries for five minutes.
  {
    later: 'aws:lb/loadBalancer:LoadBalancer',
    earlier: 'aws:wafv2/webAcl:WebAcl',
    isMeant: ({ inputs }) => inputs.scope === 'REGIONAL',
  },
  // ELB deletes no balancer that a VPC origin holds.
  { later: 'aws:cloudfront/vpcOrigin:VpcOrigin', earlier: 'aws:lb/loadBalancer:LoadBalancer' },
  { later: 'aws:cloudfront/distribution:Distribution', earlier: 'aws:cloudfront/vpcOrigin:VpcOrigin' },
  // Budgets asks the topic whether it may publish (Cost Management User Guide, creating an SNS topic for budget notifications).
  {
    later: 'aws:budgets/budget:Budget',
    earlier: 'aws:sns/topicPolicy:TopicPolicy',
    isMeant: ({ region }) => region === 'us-east-1',
  },
]

function wrongOrder(graph: Graph, { later, earlier, isMeant = () => true }: Order): string[] {
  const wanted = ofType(graph, earlier).filter(isMeant)
  return ofType(graph, later).flatMap((resource) => {
    const names = madeAfter(graph, resource)
    return wanted.some(({ name }) => names.has(name)) || wanted.length === 0
      ? []
      : [`${resource.name} does not wait for ${earlier}`]
  })
}

const withoutWaiting = (type: string, about: RegExp) => (graph: Graph) => {
  const resource = first(graph, type)
  for (let one: Resource | undefined = resource; one !== undefined; ) {
    one.dependencies = one.dependencies.filter((name) => !about.test(name))
    const { parent }: Resource = one
    one = graph.resources.find(({ name, custom }) => name === parent && !custom)
  }
}

export const order: Rule = {
  sentence: 'what AWS makes or deletes in one order only is made in it',
  check: (graph) => orders.flatMap((one) => wrongOrder(graph, one)),
  breaks: {
    'a web ACL that goes while it is attached': withoutWaiting('aws:lb/loadBalancer:LoadBalancer', /firewall/),
    'a budget before its topic may be written to': withoutWaiting('aws:budgets/budget:Budget', /edge-alarms/),
  },
}

/** VPC User Guide, IAM role for publishing flow logs to CloudWatch Logs. */
const flowLogMinimum = ['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'DescribeLogGroups', 'DescribeLogStreams']

export const flowLogRole: Rule = {
  sentence: 'the role of flow logs may do what AWS documents as the least',
  check: (graph) =>
    ofType(graph, 'aws:ec2/flowLog:FlowLog').flatMap(({ inputs, name }) => {
      const role = ofType(graph, 'aws:iam/role:Role').find(({ outputs }) => outputs.arn === inputs.iamRoleArn)
      const policies = ofType(graph, 'aws:iam/rolePolicy:RolePolicy').filter(
        (policy) => policy.inputs.role === role?.outputs.name,
      )
      const text = policies.map((policy) => String(policy.inputs.policy)).join()
      return flowLogMinimum.filter((action) => !text.includes(`"logs:${action}"`)).map((action) => `${name}: ${action}`)
    }),
  breaks: {
    'three of five': (graph) => {
      for (const policy of ofType(graph, 'aws:iam/rolePolicy:RolePolicy'))
        policy.inputs.policy = String(policy.inputs.policy).replace('"logs:CreateLogGroup",', '')
    },
  },
}
