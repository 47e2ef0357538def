// What a card says of AWS: the resources that the platform program declares before and after, and the program itself.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Graph } from '../../../platform/graph/graph.ts'
import { changes } from '../../../platform/test/cycle/changes.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../../platform/test/graphs.ts'
import { readImports } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { comparePlatforms, declares } from '../../commands/platform-states.ts'
import {
  type DeclaredPlatform,
  type DeclaredResource,
  resourceChanges,
} from '../../review/platform/resource-changes.ts'
import { typeRow } from '../../review/platform/resource-types.ts'
import { platformRisks } from '../../review/risks/platform-risks.ts'
import { repositoryRoot } from '../fixture.ts'
import { reviewOf } from './review-repository.ts'

const asDeclared = ({ cluster, resources }: Graph): DeclaredPlatform => ({
  cluster,
  resources: resources
    .filter(({ custom }) => custom)
    .map(({ type, name, inputs, protect }) => ({ type, name, inputs, protect })),
})

const recordedChanges = (cluster: string): string =>
  join(repositoryRoot, `platform/test/recorded/changes/${cluster}.json`)

const declared = asDeclared(await graphOf(fullCluster()))

/** Of the program’s change, which nobody’s fields explain. */
function risksOf(change: (resources: DeclaredResource[]) => DeclaredResource[]): string[] {
  const copy = JSON.parse(JSON.stringify(declared.resources)) as DeclaredResource[]
  const changes = resourceChanges(declared, { ...declared, resources: change(copy) })
  assert.ok(changes.length > 0, 'nothing changed')
  const code = [{ file: 'platform/x.ts', line: 1, column: 1 }]
  return [...new Set(platformRisks({ changes, code }, []).map(({ level, rule }) => `${level} ${rule}`))]
}

/** Edits the inputs of every resource of a type, as JSON. */
const edit = (type: string, from: string | RegExp, to: string) => (resources: DeclaredResource[]) =>
  resources.map((one) =>
    one.type.endsWith(`:${type}`)
      ? {
          ...one,
          inputs: JSON.parse(JSON.stringify(one.inputs).replaceAll(new RegExp(from, 'g'), to)) as Record<
            string,
            unknown
          >,
        }
      : one,
  )

/** Of every web ACL. */
const editRules =
  (change: (rule: Record<string, unknown>) => object) =>
  (resources: DeclaredResource[]): DeclaredResource[] =>
    resources.map((one) =>
      one.type.endsWith(':WebAcl')
        ? { ...one, inputs: { ...one.inputs, rules: (one.inputs.rules as Record<string, unknown>[]).map(change) } }
        : one,
    )

const without = (type: string) => (resources: DeclaredResource[]) =>
  resources.filter((one) => !one.type.endsWith(`:${type}`))

const cases: readonly [what: string, change: (resources: DeclaredResource[]) => DeclaredResource[], risks: string[]][] =
  [
    [
      'a rule of the firewall that only counts',
      edit('WebAcl', '"overrideAction":\\{"none":\\{\\}\\}', '"overrideAction":{"count":{}}'),
      ['caution waf-weaker'],
    ],
    [
      'an own rule that only counts',
      editRules((rule) => (rule.action === undefined ? rule : { ...rule, action: { count: {} } })),
      ['caution waf-weaker'],
    ],
    ['a higher rate', edit('WebAcl', '"limit":300', '"limit":30000'), ['caution waf-weaker']],
    ['a lower rate', edit('WebAcl', '"limit":300', '"limit":200'), ['warning waf-stricter']],
    ['no web ACL', without('WebAcl'), ['caution resource-removed']],
    [
      'a public Kubernetes API',
      edit('Cluster', '"publicAccessCidrs":\\[', '"publicAccessCidrs":["0.0.0.0/0",'),
      ['caution api-public'],
    ],
    [
      'a role that may do everything',
      edit('RolePolicy', '"Action(\\\\+)":\\1"[^"]+"', '"Action$1":$1"*$1"'),
      ['caution iam-wider'],
    ],
    [
      'a route without a token',
      edit('Route', '"authorizationType":"JWT"', '"authorizationType":"NONE"'),
      ['caution route-open'],
    ],
    [
      'a key that is not rotated',
      edit('Key', '"enableKeyRotation":true', '"enableKeyRotation":false'),
      ['caution encryption-weaker'],
    ],
    ['logs for a week', edit('LogGroup', '"retentionInDays":\\d+', '"retentionInDays":7'), ['caution logs-lost']],
    [
      'what Pulumi may delete',
      (resources) => resources.map((one) => ({ ...one, protect: false })),
      ['caution unprotected'],
    ],
    ['another range of the VPC', edit('Vpc', '10\\.64', '10.65'), ['caution resource-replaced']],
    ['another Kubernetes', edit('Cluster', '"version":"1\\.\\d+"', '"version":"1.99"'), ['caution kubernetes-version']],
    [
      'an alarm that rings later',
      edit('MetricAlarm', '"evaluationPeriods":\\d+', '"evaluationPeriods":90'),
      ['warning alarm-weaker'],
    ],
    ['no alarms', without('MetricAlarm'), ['warning resource-removed']],
    [
      'a packet that comes in',
      edit('SecurityGroupIngressRule', '"cidrIpv4":"[^"]+"', '"cidrIpv4":"0.0.0.0/0"'),
      ['caution network-wider'],
    ],
    [
      'no deletion protection',
      edit('Cluster', '"deletionProtection":true', '"deletionProtection":false'),
      ['caution unprotected'],
    ],
    ['a distribution that is off', edit('Distribution', '"enabled":true', '"enabled":false'), ['caution public-name']],
    ['plain HTTP at the edge', edit('Distribution', 'https-only', 'allow-all'), ['caution tls']],
    [
      'no origin secret',
      edit('Distribution', '"customHeaders":\\[.*?\\]', '"customHeaders":[]'),
      ['caution origin-secret'],
    ],
  ]

describe('what changes at AWS', (test) => {
  for (const [what, change, risks] of cases)
    test(`${what}: ${risks.join(', ')}`, () => assert.equal(risksOf(change), risks))

  test('every type that a platform declares has a row', () => {
    const types = [...new Set(declared.resources.map(({ type }) => type))].filter((type) => !type.startsWith('pulumi:'))
    assert.ok(types.length > 50)
    assert.equal(
      types.filter((type) => typeRow(type) === undefined),
      [],
    )
  })

  for (const name of clusterNames.filter((cluster) => existsSync(recordedChanges(cluster))))
    test(`${name}: says replaced where the provider replaced`, async () => {
      const recorded = JSON.parse(readFileSync(recordedChanges(name), 'utf8')) as Record<string, string[]>
      const change = 'network.zoneIds: one more'
      const settings = { cluster: structuredClone(clusterOf(name)), originSecret: '' }
      changes[change]?.(settings)
      const [before, after] = [await graphOf(name), await graphOf(settings.cluster)].map(asDeclared)
      const verbs = { added: 'create', removed: 'delete', changed: 'update', replaced: 'replace' }
      const seen = resourceChanges(before as DeclaredPlatform, after as DeclaredPlatform).map(
        ({ verb, type, name: resource }) =>
          `${verbs[verb]} ${type.split(':')[1]?.split('/')[0]}/${type.split(':')[2]?.replace(/^./, (letter) => letter.toLowerCase())} ${resource}`,
      )
      // What refers to a replaced resource gets its new id, which is made up from the name here and stays the same.
      const follows = /^update apigatewayv2\/integration /
      assert.equal(
        seen.sort(),
        recorded[change]?.filter((line) => !follows.test(line)),
      )
    })

  test('every file whose values reach a declared resource makes the card compare', () => {
    const reached = new Set<string>()
    const visit = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      readImports(file).values.forEach(visit)
    }
    visit('platform/build-platform.ts')
    assert.ok(reached.size > 50)
    assert.equal(
      [...reached].filter((file) => !declares.test(file)),
      [],
    )
  })

  test('the base is declared by its own code: a rule of the firewall that counts is seen in the program', () => {
    const root = mkdtempSync(join(tmpdir(), 'slipway-platform-'))
    const git = (...args: string[]) =>
      execFileSync(
        'git',
        [
          '-C',
          root,
          '-c',
          'user.name=Test',
          '-c',
          'user.email=test@example.com',
          '-c',
          'commit.gpgsign=false',
          ...args,
        ],
        { encoding: 'utf8' },
      )
    try {
      for (const path of [
        'apps',
        'clusters',
        'generators',
        'gateway',
        'platform',
        'model-server/models',
        'package.json',
        '.gitignore',
      ])
        cpSync(join(repositoryRoot, path), join(root, path), {
          recursive: true,
          filter: (from) => !/\/(?:test|rendered)$/.test(from),
        })
      symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'))
      writeFileSync(join(root, '.gitignore'), 'node_modules\n')
      git('init', '--quiet', '--initial-branch=main')
      git('add', '--all')
      git('commit', '--quiet', '--message', 'base')
      const plan = join(root, 'platform/edge/plan-web-acl.ts')
      writeFileSync(plan, readFileSync(plan, 'utf8').replace("30, 'none'", "30, 'count'"))
      const { risks, resources } = reviewOf({ root }, 'main', undefined, comparePlatforms)
      const found = risks.filter(({ rule }) => rule === 'waf-weaker')
      assert.equal([...new Set(found.map(({ level }) => level))], ['caution'])
      assert.match(found[0]?.where ?? '', /^platform\/edge\/plan-web-acl\.ts:\d+$/)
      assert.match(found[0]?.text ?? '', /rule AWSManagedRulesSQLiRuleSet refuses nothing any more/)
      assert.equal([...new Set(resources.map(({ verb }) => verb))], ['changed'])
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
