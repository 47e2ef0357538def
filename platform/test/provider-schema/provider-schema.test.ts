// Every input of the graph has a place in the provider’s schema, what is required is there, and all of it nests as the provider has it.
// After a new version of @pulumi/aws or a new type: `UPDATE_SCHEMA=1 npm test -- provider-schema`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../graphs.ts'
import { apiCluster, insideCluster } from '../other-edges.ts'
import { ownCluster, ownKubernetes } from '../own-cluster.ts'
import { first } from '../rules/rule.ts'
import { inputProblems, type ProviderSchema } from './input-problems.ts'

const file = join(import.meta.dirname, 'aws-inputs.json.br')
const clusters = [
  ...clusterNames.map(clusterOf),
  fullCluster(),
  ownCluster(),
  ownKubernetes(),
  apiCluster(),
  insideCluster(),
]

async function typesOfGraphs(): Promise<string[]> {
  const types = new Set<string>()
  for (const cluster of clusters)
    for (const { type } of (await graphOf(cluster)).resources) if (type.startsWith('aws:')) types.add(type)
  return [...types]
}

if (process.env.UPDATE_SCHEMA !== undefined) {
  const { readDeclarations } = await import('./read-declarations.ts')
  const schema = readDeclarations(join(root, 'node_modules/@pulumi/aws'), await typesOfGraphs())
  writeFileSync(file, brotliCompressSync(JSON.stringify(schema)))
}
const schema = JSON.parse(brotliDecompressSync(readFileSync(file)).toString()) as ProviderSchema

/** The first test records all graphs, on a machine that may be busy. */
const minutes = { timeoutSeconds: 120 }

describe('the schema of the AWS provider', (test) => {
  test(
    'is of the version that package.json names, and has the types of the graphs: else UPDATE_SCHEMA=1',
    async () => {
      const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        dependencies: Record<string, string>
      }
      assert.is(schema.version, dependencies['@pulumi/aws'])
      const known = Object.keys(schema.objects).filter((name) => name.startsWith('aws:'))
      assert.equal(known, (await typesOfGraphs()).sort())
    },
    minutes,
  )

  for (const cluster of clusters)
    test(`has a place for every input of ${cluster.name}, and misses none`, async () => {
      assert.equal(inputProblems(await graphOf(cluster), schema), [])
    })

  // A rule group that WAF takes only with its own configuration (WAF Developer Guide, AI Security, read 2026-11-30). Once the provider has it,
  // it becomes `edge.aiSecurity`: docs/decisions/no-ai-rule-group.md.
  test('cannot yet configure the firewall’s rules about prompts', () => {
    const configurations = Object.entries(schema.objects).filter(([name]) => name.endsWith('ManagedRuleGroupConfig'))
    assert.ok(configurations.length > 0)
    for (const [name, { fields }] of configurations)
      assert.not(
        Object.keys(fields).some((field) => /aiSecurity/i.test(field)),
        `${name} has it now: add edge.aiSecurity`,
      )
  })

  type Inputs = Record<string, unknown>
  const breaks: [what: string, type: string, change: (inputs: Inputs) => void, problem: RegExp][] = [
    [
      'a name that the type does not have',
      'aws:ec2/vpc:Vpc',
      (vpc) => (vpc.cidr = '10.0.0.0/16'),
      /vpc\.cidr: the provider has no such input/,
    ],
    [
      'one that it does not have inside',
      'aws:cloudfront/distribution:Distribution',
      ({ viewerCertificate }) => ((viewerCertificate as Inputs).minimumVersion = 'TLSv1.2'),
      /viewerCertificate\.minimumVersion: the provider has no such input/,
    ],
    [
      'a required input that is missing',
      'aws:lb/listener:Listener',
      (listener) => delete listener.defaultActions,
      /defaultActions: required, and missing/,
    ],
    [
      'one that is missing inside a list',
      'aws:cloudfront/distribution:Distribution',
      ({ origins }) => delete (origins as Inputs[])[0]?.originId,
      /origins\[0\]\.originId: required, and missing/,
    ],
    [
      'an object where there is a list',
      'aws:lb/listener:Listener',
      (listener) => (listener.defaultActions = (listener.defaultActions as unknown[])[0]),
      /defaultActions: an object in place of a list/,
    ],
    [
      'a list where there is an object',
      'aws:eks/cluster:Cluster',
      (cluster) => (cluster.vpcConfig = [cluster.vpcConfig]),
      /vpcConfig: a list in place of an object/,
    ],
    [
      'text where there is a number',
      'aws:lb/listener:Listener',
      (listener) => (listener.port = 'http'),
      /port: string in place of a number/,
    ],
  ]
  for (const [what, type, change, problem] of breaks)
    test(`notices ${what}`, async () => {
      const graph = structuredClone(await graphOf('prod'))
      change(first(graph, type).inputs)
      const problems = inputProblems(graph, schema)
      assert.is(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', problem)
    })
})
