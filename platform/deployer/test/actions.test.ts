// What the AWS provider really calls, recorded by the cycle of `npm run test:platform`, is granted to the roles of the deployer: each
// action, and what AWS asks for along with it.
import type { EdgeKind } from '../../../generators/schema/edge-kinds.ts'
import { assert, describe } from '../../../test/spec.ts'
import { recordedActions } from '../../test/cycle/actions.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { apiCluster, insideCluster } from '../../test/other-edges.ts'
import { ownCluster } from '../../test/own-cluster.ts'
import { readPolicy, writePolicies } from '../plan-policies.ts'

const clusters = [...clusterNames.map(clusterOf), fullCluster(), ownCluster(), apiCluster(), insideCluster()]
const { types, actions } = recordedActions()

/**
 * Asked for along with a call, but in no list of dependent actions: “Permissions to activate logging” of HTTP APIs (API Gateway
 * developer guide), and of VPC flow logs (VPC guide). A domain that is made, changed or deleted has a certificate, which is a right of
 * its own there (Service Authorization Reference, API Gateway: permissions management).
 */
const documented: Record<string, string[]> = {
  'aws:apigatewayv2/domainName:DomainName': [
    'apigateway:AddCertificateToDomain',
    'apigateway:RemoveCertificateFromDomain',
  ],
  'aws:apigatewayv2/stage:Stage': [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
  ],
  'aws:ec2/flowLog:FlowLog': ['iam:PassRole', 'logs:CreateLogDelivery', 'logs:DeleteLogDelivery'],
}

/** In the list of dependent actions for a case that is not ours. */
const notOurs: Record<string, string> = {
  'billing:GetBillingViewData': 'a budget over a billing view',
  'cloudfront:CreateConnectionGroup': 'a distribution for many tenants',
  'ecs:ListClusters': 'flow logs of ECS',
  'ecs:ListContainerInstances': 'flow logs of ECS',
  'ecs:ListServices': 'flow logs of ECS',
  'ecs:ListTaskDefinitions': 'flow logs of ECS',
  'ecs:ListTasks': 'flow logs of ECS',
  'ssm:GetParameters': 'a launch template whose image is a parameter',
  'sts:GetCallerIdentity': 'needs no right',
}

const looks = (action: string): boolean => /:(?:Describe|Get|List|View|GET$)/.test(action)
/** What only the role that applies may look at, what goes along with the state, and what needs no right. */
const exempt = ['secretsmanager:GetSecretValue', 'cloudfront:GetDistribution', 'sts:GetCallerIdentity']

/** Shows the origin secret: granted beside the state (plan-template.ts), in no policy for looking. */
const withTheState = 'cloudfront:GetDistribution'

const granted = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action))

/** The first test records all graphs, on a machine that may be busy. */
const patience = { timeoutSeconds: 120 }

/** Services that an edge of the kind has no part of. */
const without: Record<EdgeKind, RegExp> = {
  cloudfront: /^$/,
  api: /^cloudfront:/,
  none: /^(?:cloudfront|apigateway):/,
}

describe('what the AWS provider calls', (test) => {
  test(
    'was recorded with every type of the graphs: else UPDATE_CHANGES=1 npm run test:platform',
    async () => {
      const used = new Set<string>()
      for (const cluster of clusters)
        for (const { type } of (await graphOf(cluster)).resources) if (type.startsWith('aws:')) used.add(type)
      assert.equal(
        [...used].filter((type) => !types.includes(type)),
        [],
      )
    },
    patience,
  )

  for (const cluster of clusters) {
    const read = readPolicy().Statement.flatMap(({ Action }) => Action)
    const write = writePolicies(cluster).flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))

    test(`the role that applies ${cluster.name} may do, with all that comes along`, () => {
      const all = [...Object.entries(actions).flat(2), ...Object.values(documented).flat()]
      assert.ok(all.length > 150)
      const foreign = without[cluster.edge.kind]
      const wanted = all.filter((action) => !foreign.test(action))
      assert.equal(
        write.filter((action) => foreign.test(action) && !action.startsWith('cloudfront:AllowVendedLogDelivery')),
        [],
      )
      assert.equal(
        [...new Set(wanted)].filter(
          (action) => notOurs[action] === undefined && !granted([...read, ...write, withTheState], action),
        ),
        [],
      )
    })

    test(`the role that previews ${cluster.name} may look at, but for secret values`, () => {
      assert.equal(
        Object.keys(actions).filter(
          (action) => looks(action) && ![...read, ...exempt].some((one) => granted([one], action)),
        ),
        [],
      )
    })
  }
})
