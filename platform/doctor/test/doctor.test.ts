// `npm run doctor` with an AWS CLI that says what a test gives it; before a whole account it runs in `npm run test:platform`.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AcceleratorKind } from '../../../generators/schema/accelerators.ts'
import { validFixture, withRepository } from '../../../generators/test/fixture.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { clusterNames, clusterOf, fullCluster } from '../../test/graphs.ts'
import { insideCluster } from '../../test/other-edges.ts'
import { ownKubernetes } from '../../test/own-cluster.ts'
import { accountCheck } from '../account.ts'
import { oldestCli } from '../ask-aws.ts'
import { checksOf } from '../checks.ts'
import { judgeIssuer } from '../issuer.ts'
import { kindsOnSpot } from '../kinds-on-spot.ts'
import { quotasOf } from '../quotas.ts'
import { type Printed, reportOf, runDoctor } from './run-doctor.ts'

const patience = { timeoutSeconds: 120 }
const cluster = clusterOf('dev')
const caller = (account: string) => ({ Account: account, Arn: `arn:aws:iam::${account}:user/someone` })

interface Fake {
  version?: string
  /** The words of a question → what is answered, or the error. */
  answers?: [question: string, answer: object | string][]
  args?: string[]
}

/** Runs the doctor with a program `aws`; what it is asked beside `answers` is refused. */
async function visit({ version = `aws-cli/${oldestCli[2]}`, answers = [], args = ['--json'] }: Fake) {
  const bin = mkdtempSync(join(tmpdir(), 'slipway-aws-cli-'))
  const asked = join(bin, 'asked')
  const cases = answers.map(([question, answer]) =>
    typeof answer === 'string'
      ? `*"${question}"*) echo '${answer}' >&2; exit 254;;`
      : `*"${question}"*) echo '${JSON.stringify(answer)}'; exit 0;;`,
  )
  const script = `#!/bin/sh
if [ "$1" = --version ]; then echo '${version} Python/3'; exit 0; fi
echo "$*" >> ${asked}
case "$*" in
${cases.join('\n')}
esac
echo 'An error occurred (AccessDenied) when calling it: not authorized' >&2; exit 254
`
  writeFileSync(join(bin, 'aws'), script)
  chmodSync(join(bin, 'aws'), 0o755)
  writeFileSync(asked, '')
  try {
    const printed = await runDoctor({ args, environment: { PATH: `${bin}:/bin:/usr/bin` } })
    return { ...printed, asked: readFileSync(asked, 'utf8').trim().split('\n') }
  } finally {
    rmSync(bin, { recursive: true })
  }
}

const statesOf = (printed: Printed): Record<string, string> =>
  Object.fromEntries(reportOf(printed).findings.map(({ check, state }) => [check, state]))

describe('npm run doctor', (test) => {
  test(
    'asks all it has to know, prints what AWS refuses to say as not known, and ends with 1',
    async () => {
      const printed = await visit({ answers: [['sts', caller(cluster.account)]] })
      assert.is(printed.status, 1, printed.log)
      assert.is(printed.asked.length, checksOf(cluster, kindsOnSpot(sampleRoot, cluster.name)).length + 1)
      const { account, zones, Kubernetes } = statesOf(printed)
      assert.equal([account, zones, Kubernetes], ['ready', 'not known', 'not known'])
      assert.match(reportOf(printed).findings[1]?.says ?? '', 'not authorized')
    },
    patience,
  )

  test(
    'stops at credentials of another account',
    async () => {
      const printed = await visit({ answers: [['sts', caller('999999999999')]] })
      assert.is(printed.status, 1)
      assert.is(printed.asked.length, 1)
      assert.match(reportOf(printed).findings[0]?.says ?? '', /999999999999 .* names 111122223333/)
    },
    patience,
  )

  test(
    'says without credentials what it would ask, as commands',
    async () => {
      const none = 'Unable to locate credentials. You can configure credentials by running "aws configure".'
      const { status, out, log, asked } = await visit({ answers: [['sts', none]], args: [] })
      assert.is(status, 1)
      assert.is(asked.length, 1)
      assert.match(
        log,
        /no credentials: Unable to locate .*\nNothing was asked of AWS\. With credentials of account 111122223333/,
      )
      for (const { aws } of checksOf(cluster)) assert.ok(out.includes(`-> aws ${aws.join(' ')}\n`), aws.join(' '))
    },
    patience,
  )

  for (const [what, version, problem] of [
    ['an AWS CLI that is too old', 'aws-cli/2.13.0', /the AWS CLI is 2\.13\.0; 2\.\d+\.\d+ or newer is needed/],
    ['an old one of the first version', 'aws-cli/1.29.99', /the AWS CLI is 1\.29\.99; 1\.\d+\.\d+ or newer is needed/],
    ['another program of that name', 'awesome 4.3', /says awesome 4\.3.*, which is no AWS CLI/],
  ] as const)
    test(
      `refuses ${what}`,
      async () => {
        const printed = await visit({ version })
        assert.is(printed.status, 1)
        assert.match(reportOf(printed).problem ?? '', problem)
      },
      patience,
    )

  test(
    'needs a cluster, and says how it is used',
    async () => {
      const { status, out } = await visit({ args: ['--help'] })
      assert.is(status, 0)
      assert.match(out, 'npm run doctor -- --cluster C')
      assert.match((await visit({ args: ['--cluster', 'moon'] })).log, 'clusters/moon/cluster.yaml is not there')
    },
    patience,
  )
})

describe('a question to AWS', (test) => {
  const clusters = [...clusterNames.map(clusterOf), fullCluster(), ownKubernetes()]

  test('changes nothing, and names its region', () => {
    for (const one of clusters)
      for (const { aws } of [accountCheck(one), ...checksOf(one)]) {
        assert.match(aws[1] ?? '', /^(?:describe|get|list)-/, aws.join(' '))
        assert.ok(aws.includes('--region'), aws.join(' '))
      }
  })

  test('is asked once, with a name of its own', () => {
    for (const one of clusters) {
      const names = checksOf(one).map(({ name }) => name)
      assert.is(new Set(names).size, names.length, names.join())
    }
  })

  test('is about certificates in place of the zone when the cluster file names them', () => {
    const arn = (region: string): string => `arn:aws:acm:${region}:${cluster.account}:certificate/1`
    const own = {
      ...cluster,
      edge: { ...cluster.edge, certificates: { edge: arn('us-east-1'), api: arn(cluster.region) } },
    }
    const checks = checksOf(own)
    assert.not(checks.some(({ name }) => name === 'hosted zone'))
    const edge = checks.find(({ name }) => name === 'certificate edge')
    const certificate = (DomainName: string, Status = 'ISSUED') => ({ Certificate: { DomainName, Status } })
    assert.is(edge?.judge(certificate(cluster.domain)).good, true)
    assert.is(edge?.judge(certificate(cluster.domain.replace(/^[^.]+/, '*'))).good, true)
    assert.is(edge?.judge(certificate(cluster.domain, 'PENDING_VALIDATION')).good, false)
    assert.is(edge?.judge(certificate('other.example.com')).good, false)
  })

  test('is about the region’s certificate, or about the zone inside, where there is no CloudFront', () => {
    const inside = insideCluster()
    const zone = (PrivateZone: boolean) => ({
      Id: `/hostedzone/${PrivateZone}`,
      Name: `${inside.edge.hostedZone}.`,
      Config: { PrivateZone },
    })
    const judged = (name: string, ...HostedZones: object[]) =>
      checksOf(inside)
        .find((one) => one.name === name)
        ?.judge({ HostedZones })
    assert.is(judged('private zone', zone(true), zone(false))?.good, true)
    assert.match(judged('private zone', zone(false))?.says ?? '', /no private zone example\.com/)
    assert.is(judged('private zone', zone(true), zone(true))?.good, false)
    assert.is(judged('hosted zone', zone(true))?.good, false)
    const arn = `arn:aws:acm:eu-central-1:${inside.account}:certificate/1`
    const own = checksOf({ ...inside, edge: { ...inside.edge, certificates: { edge: arn } } })
    const certificate = own.find(({ name }) => name === 'certificate edge')
    assert.equal(certificate?.aws.slice(-2), ['--region', 'eu-central-1'])
    assert.equal(
      own.map(({ name }) => name).filter((name) => /certificate|zone$/.test(name)),
      ['certificate edge', 'private zone'],
    )
  })

  test('is about a zone that is public and the only one of its name', () => {
    const zone = (Name: string, PrivateZone = false) => ({ Id: `/hostedzone/${Name}`, Name, Config: { PrivateZone } })
    const judge = (...HostedZones: object[]) =>
      checksOf(cluster)
        .find(({ name }) => name === 'hosted zone')
        ?.judge({ HostedZones })
    const mine = `${cluster.edge.hostedZone}.`
    assert.is(judge(zone(mine), zone('example.com.'))?.good, true)
    assert.is(judge(zone(mine), zone(mine, true))?.good, true)
    for (const zones of [[], [zone(mine, true)], [zone(mine), zone(mine)], [zone(`sub.${mine}`)]])
      assert.is(judge(...zones)?.good, false, JSON.stringify(zones))
  })
})

describe('traces', (test) => {
  const checked = (telemetry: typeof cluster.telemetry) =>
    checksOf({ ...cluster, telemetry }).find(({ name }) => name === 'Transaction Search')
  const target = (collector?: string) => ({ collector, otlpEndpoint: 'http://collector', engines: true })

  test('are asked about where they go to X-Ray, and nowhere else', () => {
    assert.ok(checked(target('xray')))
    for (const telemetry of [undefined, target('https://otlp.example.com'), target()]) assert.not(checked(telemetry))
  })

  test('get there once Transaction Search is on', () => {
    const judged = (Destination: string, Status: string) => checked(target('xray'))?.judge({ Destination, Status })
    assert.is(judged('CloudWatchLogs', 'ACTIVE')?.good, true)
    for (const [verdict, todo] of [
      [judged('XRay', 'ACTIVE'), /docs\/traces\.md, .*update-trace-segment-destination/],
      [judged('CloudWatchLogs', 'PENDING'), /ask again in some minutes/],
    ] as const) {
      assert.is(verdict?.good, false)
      assert.match(verdict?.todo ?? '', todo)
    }
  })
})

describe('quotas', (test) => {
  const needs = (maxGpus: object, onSpot: AcceleratorKind[] = []): Record<string, number> =>
    Object.fromEntries(
      quotasOf({ ...cluster, gpu: { maxGpus, reservations: [] } }, new Set(onSpot)).map(({ code, need }) => [
        code,
        need,
      ]),
    )

  test('are for the vCPUs that the GPUs come with, and a node of each kind once more', () => {
    // A g6.xlarge has 4 vCPUs and one L4, a p5.48xlarge 192 and eight H100.
    assert.is(needs({ l4: 2 })['L-DB2E81BA'], 12)
    assert.is(needs({ l4: 16, l40s: 16 })['L-DB2E81BA'], 16 * 4 + 4 + 16 * 4 + 4)
    assert.is(needs({ h100: 8 })['L-417A185B'], 8 * 24 + 192)
  })

  test('of spot instances are others, for the kinds that a model file lets start there', () => {
    assert.is(needs({ l4: 2 })['L-3819A6DF'], undefined)
    const both = needs({ l4: 2, l40s: 1, h100: 8 }, ['l4', 'h100'])
    assert.is(both['L-3819A6DF'], 12)
    assert.is(both['L-7212CCBC'], 8 * 24 + 192)
    assert.is(both['L-DB2E81BA'], 12 + 8)
  })

  test('know from model files which kinds start there, cluster by cluster', () => {
    withRepository(validFixture, ({ root, read, write }) => {
      const path = 'apps/models/chat.yaml'
      assert.equal([...kindsOnSpot(root, 'blue')], [])
      write(path, read(path).replace('  blue: {}', '  blue:\n    accelerator: { capacity: [spot, on-demand] }'))
      assert.equal([...kindsOnSpot(root, 'blue')], ['l4'])
      assert.equal([...kindsOnSpot(root, 'green')], [])
    })
  })

  test(
    'without a value in the account are to be asked for',
    async () => {
      const none = 'An error occurred (NoSuchResourceException) when calling the GetServiceQuota operation:'
      const printed = await visit({
        answers: [
          ['sts', caller(cluster.account)],
          ['service-quotas', none],
        ],
      })
      const found = reportOf(printed).findings.find(({ check }) => check === 'quota L-DB2E81BA')
      assert.is(found?.state, 'to do', printed.log)
      assert.match(found?.says ?? '', 'no value yet')
      assert.match(found?.todo ?? '', /^aws service-quotas request-service-quota-increase .* --desired-value \d+ /)
    },
    patience,
  )

  test('of a family are asked for only where it is used', () => {
    assert.equal(Object.keys(needs({ h100: 8 })).includes('L-DB2E81BA'), false)
    assert.equal(Object.keys(needs({ l4: 0 })), ['L-1216C47A', 'L-0263D0A3'])
  })
})

describe('an issuer', (test) => {
  const { issuer, jwksUri } = cluster.oidc
  const sound = { discovery: { issuer, jwks_uri: jwksUri }, keys: { keys: [{ kty: 'RSA', use: 'sig' }] } }
  const judged = (answers: object, oidc: object = {}) =>
    judgeIssuer({ ...cluster, oidc: { ...cluster.oidc, kind: 'cognito', ...oidc } }, { ...sound, ...answers })

  test('is sound when it answers as itself, with a key that the HTTP API takes', () => {
    assert.is(judged({}).good, true)
    assert.is(judged({ keys: { keys: [{ kty: 'EC' }, { kty: 'RSA' }] } }).good, true)
  })

  test('may have other keys where no HTTP API checks them', () => {
    const elliptic = { ...sound, keys: { keys: [{ kty: 'EC', use: 'sig' }] } }
    for (const [kind, good] of [
      ['cloudfront', false],
      ['api', false],
      ['none', true],
    ] as const) {
      const { edge } = cluster
      const found = judgeIssuer({ ...cluster, edge: { ...edge, kind } }, elliptic)
      assert.is(found.good, good, kind)
    }
  })

  test('with RSA keys for other signatures than the HTTP API’s is refused', () => {
    assert.is(judged({ keys: { keys: [{ kty: 'RSA', alg: 'PS256' }] } }).good, false)
    assert.is(judged({ keys: { keys: [{ kty: 'RSA', alg: 'RS512' }] } }).good, true)
  })

  test('in the private network may have other keys; where it does not answer it is not known', async () => {
    const inside = { private: { cidrs: ['10.20.30.0/28'] } }
    const elliptic = { keys: { keys: [{ kty: 'EC' }] } }
    assert.is(judged(elliptic).good, false)
    assert.is(judged(elliptic, inside).good, true)
    assert.is(judged({ keys: { keys: [] } }, inside).good, false)
    const printed = await runDoctor({
      args: ['--json'],
      environment: {},
      change: (file) => {
        const address = 'https://login.invalid/realms/llm'
        file.oidc = { kind: 'keycloak', issuer: address, audiences: ['slipway'], scopes: ['invoke'], ...inside }
      },
    })
    const found = reportOf(printed).findings.find(({ check }) => check === 'OIDC issuer')
    assert.is(found?.state, 'not known', printed.log)
    assert.match(found?.says ?? '', /does not answer here \(.*login\.invalid.*\), and is in the private network/)
  })

  for (const [what, answers, oidc, says, todo] of [
    ['of another kind', {}, { kind: 'generic' }, /looks like Amazon Cognito/, /kind: cognito/],
    [
      'that is away',
      { discovery: undefined, problem: 'ENOTFOUND' },
      {},
      /does not answer \(ENOTFOUND\)/,
      /correct issuer/,
    ],
    [
      'that calls itself otherwise, if only by a slash',
      { discovery: { issuer: `${issuer}/`, jwks_uri: jwksUri } },
      {},
      /letter by letter/,
      /issuer: .*\/ in oidc of clusters\/dev\/cluster\.yaml/,
    ],
    [
      'with keys elsewhere',
      { discovery: { issuer, jwks_uri: 'https://keys.example.com' } },
      {},
      /its keys are at/,
      /jwksUri:/,
    ],
    ['that signs with elliptic curves', { keys: { keys: [{ kty: 'EC', use: 'sig' }] } }, {}, /has no RSA key/, /RS256/],
  ] as const)
    test(`${what} is refused, with what to do`, () => {
      const verdict = judged(answers, oidc)
      assert.is(verdict.good, false)
      assert.match(verdict.says, says)
      assert.match(verdict.todo ?? '', todo)
    })
})
