// Rules about rights: what is allowed on everything needs a written reason, and roles are for somebody in particular.
import type { Graph, Resource } from '../../graph/graph.ts'
import { added, first, type Rule, strings } from './rule.ts'

interface Statement {
  Sid?: string
  Effect: string
  Action: string | string[]
  Resource?: string | string[]
  Principal?: unknown
  Condition?: Record<string, unknown>
}

interface Located {
  resource: Resource
  input: string
  statement: Statement
}

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** Every statement of every policy in the graph, wherever it is. */
function statements(graph: Graph): Located[] {
  return graph.resources.flatMap((resource) =>
    strings(resource)
      .filter(({ value }) => value.startsWith('{') && value.includes('"Statement"'))
      .flatMap(({ path, value }) => {
        const { Statement } = JSON.parse(value) as { Statement: Statement[] }
        return Statement.map((statement) => ({ resource, input: path.join('.'), statement }))
      }),
  )
}

/** Actions that only look, and say nothing about data. */
const looks = /^[a-z0-9-]+:(?:Describe|List|Get(?!SecretValue|Object|Parameter|Item))[A-Za-z*]*$/

/**
 * Why a statement may allow on every resource more than to look. Key: the end of the policy’s resource name, then the Sid. A
 * reason that fits nothing any more fails as well.
 */
export const reasons: Record<string, string> = {
  'encryption-key AccountAdministers': 'In a key policy `*` is the key itself; the account’s IAM policies decide.',
  'encryption-key LogGroupsOfTheAccount': 'In a key policy `*` is the key itself.',
  'encryption-key SendersOfTheAccount': 'In a key policy `*` is the key itself.',
  'network-endpoints-s3 Read':
    'An endpoint’s policy grants nothing by itself; image layers are read from buckets of others.',
  'network-endpoints-s3 OwnBuckets': 'An endpoint’s policy grants nothing by itself; two conditions name the account.',
  'pods-load-balancer-policy Published1':
    'A service-linked role has no ARN before it is made; a condition names the service.',
  'pods-load-balancer-policy Published3':
    'As published: the controller joins web ACLs, certificates and Shield to load balancers by calls that take no resource.',
  'pods-load-balancer-policy Published4':
    'As published: rules of security groups it did not make; the chart’s switch for that is off.',
  'pods-load-balancer-policy Published5': 'As published: a group has no ARN before it is made.',
  'pods-load-balancer-policy Published8': 'As published: only what carries the controller’s tag.',
  'pods-load-balancer-policy Published9': 'As published: only what it tags with its own tag.',
  'pods-load-balancer-policy Published10': 'As published; two statements further down take deletion of ours away.',
  'pods-load-balancer-policy Published13': 'As published: only what carries the controller’s tag.',
  'pods-load-balancer-policy Published16': 'As published: listeners and rules of the balancers it found by tag.',
}

const reasonOf = ({ resource, statement }: Located): string | undefined =>
  Object.keys(reasons).find((key) => {
    const [name = '', sid] = key.split(' ')
    return resource.name.endsWith(`-${name}`) && statement.Sid === sid
  })

const needsReason = ({ statement }: Located): boolean =>
  statement.Effect === 'Allow' &&
  list(statement.Resource).includes('*') &&
  list(statement.Action).some((action) => !looks.test(action))

export const reasonForWildcards: Rule = {
  sentence: 'what is allowed on every resource is only to look, or has a written reason',
  check: (graph) =>
    statements(graph)
      .filter((located) => needsReason(located) && reasonOf(located) === undefined)
      .map(({ resource, statement }) => `${resource.name} ${statement.Sid}: ${list(statement.Action).join(', ')} on *`),
  breaks: {
    'everything on everything': (graph) =>
      added(graph, 'aws:iam/rolePolicy:RolePolicy', {
        policy: JSON.stringify({ Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] }),
      }),
    'all of a service': (graph) =>
      added(graph, 'aws:iam/rolePolicy:RolePolicy', {
        policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['a', '*'] }] }),
      }),
    'reading every secret': (graph) =>
      added(graph, 'aws:iam/rolePolicy:RolePolicy', {
        policy: JSON.stringify({
          Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
        }),
      }),
  },
}

export const noStaleReasons: Rule = {
  sentence: 'every written reason is needed',
  check: (graph) => {
    const used = statements(graph).filter(needsReason).map(reasonOf)
    return Object.keys(reasons)
      .filter((key) => !used.includes(key))
      .map((key) => `${key}: nothing needs this reason`)
  },
  breaks: {
    'a policy that went away': (graph) => {
      graph.resources = graph.resources.filter(({ name }) => !name.endsWith('-pods-load-balancer-policy'))
    },
  },
}

export const noPolicyWildcards: Rule = {
  sentence: 'no policy allows an action with a wildcard, but to those who keep a key',
  check: (graph) =>
    statements(graph)
      .filter(({ statement, resource }) => statement.Effect === 'Allow' && resource.type !== 'aws:kms/key:Key')
      .flatMap(({ resource, statement }) =>
        list(statement.Action)
          .filter((action) => action.includes('*'))
          .map((action) => `${resource.name} ${statement.Sid}: ${action}`),
      ),
  breaks: {
    'all of a queue': (graph) =>
      added(graph, 'aws:iam/rolePolicy:RolePolicy', {
        policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:::q' }] }),
      }),
  },
}

export const namedPrincipals: Rule = {
  sentence: 'no policy allows anybody; a role trusts one service, under a condition wherever the service sends one',
  check: (graph) =>
    statements(graph)
      .filter(({ statement }) => statement.Effect === 'Allow' && statement.Principal !== undefined)
      // AWS takes no other in the policy of a gateway endpoint, which only narrows what others allow.
      .filter(({ resource }) => resource.type !== 'aws:ec2/vpcEndpoint:VpcEndpoint')
      .flatMap(({ resource, input, statement }) => {
        const everybody = JSON.stringify(statement.Principal).includes('"*"')
        // EC2 sends no source account when an instance takes its role.
        const instances = JSON.stringify(statement.Principal) === '{"Service":"ec2.amazonaws.com"}'
        const conditional = statement.Condition !== undefined || instances || resource.type === 'aws:kms/key:Key'
        return [
          ...(everybody ? [`${resource.name} ${input}: trusts everybody`] : []),
          ...(conditional
            ? []
            : [`${resource.name} ${input}: trusts ${JSON.stringify(statement.Principal)} for anybody`]),
        ]
      }),
  breaks: {
    'a role for everybody': (graph) => {
      first(graph, 'aws:iam/role:Role').inputs.assumeRolePolicy = JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition: {} }],
      })
    },
    'a role for a service on anybody’s behalf': (graph) => {
      first(graph, 'aws:iam/role:Role').inputs.assumeRolePolicy = JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: { Service: 'eks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      })
    },
  },
}

/** Characters of all inline policies of one role together. */
const inlineLimit = 10_240

export const shortPolicies: Rule = {
  sentence: 'the inline policies of a role fit into it',
  check: (graph) => {
    const sizes = new Map<string, number>()
    for (const { type, inputs } of graph.resources) {
      if (type !== 'aws:iam/rolePolicy:RolePolicy') continue
      const role = String(inputs.role)
      sizes.set(role, (sizes.get(role) ?? 0) + String(inputs.policy).length)
    }
    return [...sizes].filter(([, size]) => size > inlineLimit).map(([role, size]) => `${role}: ${size} characters`)
  },
  breaks: {
    'a policy of a book’s length': (graph) => {
      first(graph, 'aws:iam/rolePolicy:RolePolicy').inputs.policy = 'x'.repeat(inlineLimit + 1)
    },
  },
}
