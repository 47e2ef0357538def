// What the deployer may do: every type of the graph, nothing else, and nobody else.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, isReal } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { apiCluster, insideCluster } from '../../test/other-edges.ts'
import { ownCluster } from '../../test/own-cluster.ts'
import { type PolicyDocument, policyLimit, readPolicy, writePolicies } from '../plan-policies.ts'
import { deployerTemplate, githubRepository } from '../plan-template.ts'
import { passedTo, readActions, rights } from '../rights.ts'

const clusters = [...clusterNames.map(clusterOf), fullCluster(), ownCluster(), apiCluster(), insideCluster()]

/** `ec2/vpc` of `aws:ec2/vpc:Vpc`. */
const shortType = (type: string): string => type.split(':')[1] ?? ''

const statementsOf = (documents: readonly PolicyDocument[]) => documents.flatMap(({ Statement }) => Statement)
const matches = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action)

/** Actions of ours without a resource type (Service Authorization Reference, as of 2026-09). */
const withoutResource = [
  'acm:RequestCertificate',
  'cloudfront:CreateCachePolicy',
  'cloudfront:CreateDistribution',
  'cloudfront:CreateMonitoringSubscription',
  'cloudfront:CreateResponseHeadersPolicy',
  'cloudfront:CreateVpcOrigin',
  'cloudfront:DeleteMonitoringSubscription',
  'eks:CreateCluster',
  'kms:CreateKey',
]

describe('rights of the deployer', (test) => {
  test('are for exactly the types of AWS that the platform has', async () => {
    const graphs: Graph[] = []
    for (const cluster of clusters) graphs.push(await graphOf(cluster))
    const used = new Set(
      graphs
        .flatMap(({ resources }) => resources)
        .filter((resource) => isReal(resource) && resource.type.startsWith('aws:'))
        .map(({ type }) => shortType(type)),
    )
    const granted = rights.flatMap(({ types }) => types)
    assert.equal(granted.toSorted(), [...used].sort())
    assert.is(new Set(granted).size, granted.length, 'each in one row')
  })

  test('are for named resources, or say why not', () => {
    for (const { on, because, actions } of rights) {
      if (on.includes('*')) assert.ok(because, actions.join())
      assert.not(actions.includes('*'))
      for (const action of actions) assert.match(action, /^[a-z0-9-]+:[A-Za-z*]+$/)
    }
    const whole = rights.flatMap(({ actions }) => actions).filter((action) => action.endsWith(':*'))
    assert.equal(whole, [])
  })

  test('are for everything where AWS takes no resource, or a call would be refused', () => {
    for (const { actions, on } of rights.filter((right) => !right.on.includes('*')))
      for (const action of withoutResource)
        assert.not(
          actions.some((pattern) => matches(pattern, action)),
          `${action} on ${on.join()}`,
        )
    const everywhere = rights.filter(({ on }) => on.includes('*')).flatMap(({ actions }) => actions)
    for (const action of withoutResource) assert.ok(everywhere.includes(action), action)
  })

  /**
   * What AWS asks for beside the call itself: dependent actions of the Service Authorization Reference, and “permissions to activate
   * logging” of the API Gateway Developer Guide; read 2026-11-30.
   */
  const comesAlong: Record<string, { actions: string[]; when?: (inputs: Record<string, unknown>) => boolean }> = {
    'ec2/vpcEndpoint': {
      actions: ['route53:AssociateVPCWithHostedZone'],
      when: ({ privateDnsEnabled }) => privateDnsEnabled === true,
    },
    'apigatewayv2/stage': {
      actions: [
        'logs:CreateLogDelivery',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
      ],
      when: ({ accessLogSettings }) => accessLogSettings !== undefined,
    },
    'cloudwatch/eventConnection': {
      actions: ['secretsmanager:CreateSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    },
    'cloudwatch/logDelivery': {
      actions: [
        'cloudfront:AllowVendedLogDeliveryForResource',
        'elasticloadbalancing:AllowVendedLogDeliveryForResource',
      ],
    },
    'apigatewayv2/domainName': {
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      when: ({ mutualTlsAuthentication }) => mutualTlsAuthentication !== undefined,
    },
    'ec2/flowLog': { actions: ['iam:PassRole'] },
    'eks/nodeGroup': { actions: ['iam:PassRole'] },
  }

  test('hold what comes along with a call', async () => {
    for (const cluster of clusters) {
      const { resources } = await graphOf(cluster)
      const granted = [...statementsOf(writePolicies(cluster)), ...readPolicy().Statement].flatMap(
        ({ Action }) => Action,
      )
      for (const [type, { actions, when = () => true }] of Object.entries(comesAlong)) {
        if (!resources.some((one) => shortType(one.type) === type && when(one.inputs))) continue
        const missing = actions.filter((action) => !granted.some((pattern) => matches(pattern, action)))
        assert.equal(missing, [], type)
      }
    }
  })

  test('hand on only roles of the cluster, and only to the services that run as them', () => {
    for (const cluster of clusters) {
      const handing = statementsOf(writePolicies(cluster)).filter(({ Action }) =>
        Action.some((pattern) => matches(pattern, 'iam:PassRole')),
      )
      assert.is(handing.length, 1)
      assert.equal(handing[0]?.Resource, [`arn:aws:iam::${cluster.account}:role/${cluster.name}-*`])
      assert.equal(handing[0]?.Condition, { StringEquals: { 'iam:PassedToService': [...passedTo] } })
    }
  })

  test('hand on roles to exactly the services that the roles of the platform trust', async () => {
    const trusted = new Set<string>()
    for (const cluster of clusters)
      for (const { type, inputs } of (await graphOf(cluster)).resources)
        if (type === 'aws:iam/role:Role') {
          const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as {
            Statement: { Principal: { Service?: string | string[] } }[]
          }
          for (const { Principal } of Statement) for (const one of [Principal.Service ?? []].flat()) trusted.add(one)
        }
    assert.equal([...trusted].sort(), [...passedTo].sort())
  })

  test('to look show no secret, no object, no log line, and change nothing', () => {
    for (const action of readActions) {
      assert.match(action, /^[a-z0-9]+:(?:Describe|Get|List|View|GET$)/)
      for (const secret of [
        'cloudfront:GetDistribution',
        'cloudfront:GetDistributionConfig',
        'secretsmanager:GetSecretValue',
        's3:GetObject',
        'logs:GetLogEvents',
        'kms:Decrypt',
      ])
        assert.not(matches(action, secret), action)
    }
  })

  test('fit into policies of AWS’s size, ten for a role at most', () => {
    for (const cluster of clusters) {
      const documents = writePolicies(cluster)
      for (const one of [...documents, readPolicy()]) assert.ok(JSON.stringify(one).length <= policyLimit)
      assert.ok(documents.length + 1 <= 10)
      assert.not.match(JSON.stringify(documents), /\{(?:account|region|cluster|domain)\}/)
    }
  })
})

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
}

describe('the drift job', (test) => {
  test('leaves out exactly what a role that looks cannot refresh: a secret’s value, and what is in the cluster', async () => {
    const text = readFileSync(join(root, '.github/workflows/drift.yml'), 'utf8')
    const patterns = [...text.matchAll(/--exclude '([^']+)'/g)].map(
      ([, pattern = '']) =>
        new RegExp(`^${pattern.replaceAll('**', '\u0000').replace(/[$.+]/g, '\\$&').replaceAll('\u0000', '.*')}$`),
    )
    for (const cluster of clusters) {
      const { resources } = await graphOf(cluster)
      const left = resources
        .filter(({ custom, type, name }) => custom && patterns.some((one) => one.test(`urn:x$${type}::${name}`)))
        .map(({ type }) => type)
      const wanted = resources
        .filter(({ custom, type }) => custom && (type.startsWith('kubernetes:') || type.endsWith(':SecretVersion')))
        .map(({ type }) => type)
      assert.equal(left, wanted)
    }
  })
})

describe('the first deployment', (test) => {
  test('names a region in every command of AWS, and of the state that is there', async () => {
    const texts = ['docs/how-to/deploy.md', 'platform/README.md'].map((path) => readFileSync(join(root, path), 'utf8'))
    // IAM, Route 53 and billing are in no region.
    const regional = /\baws (?!route53|iam|budgets)[a-z0-9-]+ [a-z-]+(?=[ `])[^`\n]*|s3:\/\/[^\s`")]+/g
    const lines = texts.flatMap((text) => text.match(regional) ?? [])
    assert.ok(lines.length > 6)
    assert.equal(
      lines.filter((line) => !/--region|\?region=/.test(line)),
      [],
    )
    const { Outputs } = deployerTemplate(clusterOf('prod'), 'a/b')
    assert.match(Outputs.Backend.Value, `?region=${clusterOf('prod').region}`)
  })

  test('has the zone made that is looked up', async () => {
    const text = readFileSync(join(root, 'docs/how-to/deploy.md'), 'utf8')
    for (const cluster of clusterNames.map(clusterOf)) {
      const { lookups } = await graphOf(cluster)
      const zone = lookups.find(({ token }) => token.endsWith(':getZone'))?.inputs.name
      assert.match(text, `\`${zone}\` for \`${cluster.domain}\``)
    }
  })
})

describe('the bootstrap template', (test) => {
  const cluster = clusterOf('prod')
  const template = () => deployerTemplate(cluster, 'example/slipway') as unknown as Template
  const trustOf = (name: string) => {
    const document = template().Resources[name]?.Properties.AssumeRolePolicyDocument as {
      Statement: { Action: string; Condition: Record<string, Record<string, string>> }[]
    }
    return document.Statement
  }

  test('lets in one environment of one repository, compared letter by letter', () => {
    for (const [name, environment, branch] of [
      ['PreviewRole', 'platform-prod-preview', {}],
      ['ApplyRole', 'platform-prod', { 'token.actions.githubusercontent.com:ref': 'refs/heads/main' }],
    ] as const) {
      const [statement, ...more] = trustOf(name)
      assert.is(more.length, 0)
      assert.equal(statement?.Condition, {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': `repo:example/slipway:environment:${environment}`,
          ...branch,
        },
      })
    }
  })

  test('gives the preview nothing to change, and no more of the key than to decrypt', () => {
    const properties: unknown = template().Resources.PreviewRole?.Properties
    const { ManagedPolicyArns, Policies } = properties as {
      ManagedPolicyArns: object[]
      Policies: { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }[]
    }
    assert.equal(ManagedPolicyArns, [{ Ref: 'Read' }])
    const actions = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action }) => Action)
    assert.equal(actions, [
      's3:ListBucket',
      's3:GetBucketLocation',
      's3:GetObject',
      'kms:Decrypt',
      'cloudfront:GetDistribution',
    ])
  })

  test('makes the role that the Kubernetes API takes for its administrator', () => {
    for (const admin of ['slipway-deployer', 'teams/platform/deployer']) {
      const { kubernetesApi } = cluster
      const made = deployerTemplate({ ...cluster, kubernetesApi: { ...kubernetesApi, adminRoles: [admin] } }, 'a/b')
      const { Path, RoleName } = made.Resources.ApplyRole.Properties
      assert.is(`${Path}${RoleName}`, `/${admin}`)
    }
  })

  test('keeps the state encrypted, versioned, private, and forever', () => {
    const { StateBucket, StateKey } = template().Resources as Record<
      string,
      { DeletionPolicy?: string } & Template['Resources'][string]
    >
    for (const one of [StateBucket, StateKey]) assert.is(one?.DeletionPolicy, 'Retain')
    const properties = StateBucket?.Properties as Record<string, Record<string, unknown>>
    assert.equal(properties.VersioningConfiguration, { Status: 'Enabled' })
    assert.ok(Object.values(properties.PublicAccessBlockConfiguration ?? {}).every((value) => value === true))
    assert.match(JSON.stringify(properties.BucketEncryption), 'aws:kms')
  })

  test('keeps at a replacement what it keeps at a deletion', () => {
    const resources = Object.entries(template().Resources) as [
      string,
      { DeletionPolicy?: string; UpdateReplacePolicy?: string },
    ][]
    for (const [name, { DeletionPolicy, UpdateReplacePolicy }] of resources)
      assert.is(UpdateReplacePolicy, DeletionPolicy, name)
  })

  test('fits into one call of CloudFormation', () => {
    for (const one of clusters)
      assert.ok(JSON.stringify(deployerTemplate(one, 'example/slipway'), null, 1).length < 51_200)
  })

  test('knows repositories of GitHub by every spelling, and no other', () => {
    const of = (repoUrl: string) => githubRepository({ ...cluster, gitops: { ...cluster.gitops, repoUrl } })
    for (const url of ['https://github.com/a/b.c', 'https://github.com/a/b.c.git', 'https://github.com/a/b.c/'])
      assert.is(of(url), 'a/b.c')
    for (const url of ['https://gitlab.com/a/b', 'https://github.com/a', 'https://github.com.evil.example/a/b'])
      assert.is(of(url), undefined)
  })

  test('is printed by npm run platform:bootstrap; a wrong cluster gets one line', () => {
    const program = join(root, 'platform/deployer/main.ts')
    const printed = execFileSync(process.execPath, [program, '--cluster', 'prod'], {
      cwd: sampleRoot,
      encoding: 'utf8',
    })
    assert.equal(JSON.parse(printed), JSON.parse(JSON.stringify(template())))
    for (const [args, message] of [
      [['--cluster', 'moon'], 'clusters/moon/cluster.yaml is not there'],
      [['--cluster', 'prod', '--repository', 'example/*'], '--repository example/*: write OWNER/NAME'],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: sampleRoot, encoding: 'utf8' })
      assert.is(status, 1)
      assert.match(stderr, message)
      assert.not.match(stderr, /\n {4}at /)
    }
  })
})
