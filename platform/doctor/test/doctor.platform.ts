// The doctor before an AWS that answers: an account that is ready, and one where nothing is.
import { execFileSync, spawnSync } from 'node:child_process'
import { assert, describe } from '../../../test/spec.ts'
import { stateBucket } from '../../deployer/plan-template.ts'
import { addons, kubernetesVersion } from '../../kubernetes/plan-cluster.ts'
import { type Account, Cloud } from '../../test/cycle/cloud.ts'
import { findMaterial } from '../../test/cycle/material.ts'
import { clusterOf } from '../../test/graphs.ts'
import { IssuerServer } from './issuer-server.ts'
import { type Printed, reportOf, runDoctor, type Visit } from './run-doctor.ts'

const cluster = clusterOf('dev')
const { account, region, nodes, edge, kubernetesApi } = cluster
const patience = { timeoutSeconds: 240 }
const release = nodes.ami.replace('al2023@', '')
const image = `/aws/service/eks/optimized-ami/${kubernetesVersion}/amazon-linux-2023/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-${kubernetesVersion}-${release}/image_id`

const ready: Account = {
  number: account,
  regions: [region],
  zones: [edge.hostedZone],
  roles: kubernetesApi.adminRoles,
  offers: {
    quotas: { 'L-DB2E81BA': 64, 'L-3819A6DF': 64, 'L-1216C47A': 32, 'L-0263D0A3': 5 },
    kubernetes: { [kubernetesVersion]: 'STANDARD_SUPPORT' },
    addons: Object.fromEntries(Object.entries(addons).map(([name, { version }]) => [name, [version]])),
    parameters: { [image]: 'ami-0123456789abcdef0' },
    spans: { Destination: 'CloudWatchLogs', Status: 'ACTIVE' },
  },
}
const bare: Account = {
  number: account,
  regions: [region],
  offers: {
    quotas: { 'L-DB2E81BA': 0, 'L-3819A6DF': 0, 'L-1216C47A': 5, 'L-0263D0A3': 5 },
    kubernetes: { [kubernetesVersion]: 'EXTENDED_SUPPORT' },
    addons: { coredns: ['v1.99.0-eksbuild.1'] },
  },
}

const lacking = (): string | undefined =>
  ['aws', 'openssl'].find((program) => spawnSync(program, ['version']).error !== undefined)

const material = await findMaterial()

describe('npm run doctor, in an account', (test) => {
  if ('missing' in material || lacking() !== undefined) {
    const reason = 'missing' in material ? material.missing : `${lacking()} is not on PATH`
    if (process.env.CI_PLATFORM !== 'required') test.skip('says what is ready and what is to do', reason)
    else test('says what is ready and what is to do', () => assert.unreachable(`CI_PLATFORM=required, and ${reason}`))
    return
  }
  const issuer = new IssuerServer()
  const cloud = new Cloud()
  const other = new Cloud()
  test.after(async () => {
    await Promise.all([issuer.stop(), cloud.stop(), other.stop()])
  })
  const visit = (place: Cloud, more: Partial<Visit> = {}): Promise<Printed> =>
    runDoctor({
      change: (file) => {
        file.oidc = { ...file.oidc, kind: 'generic', issuer: issuer.url, audiences: ['slipway'] }
        file.telemetry = { collector: 'xray' }
      },
      ...more,
      environment: { ...place.environment(region), NODE_EXTRA_CA_CERTS: issuer.certificate },
    })

  test(
    'that is ready, ends with 0 and changes nothing',
    async () => {
      await issuer.start()
      await cloud.start(material.python, ready)
      bootstrap(cloud)
      const before = await cloud.held()
      const { status, out, log } = await visit(cloud)
      assert.is(status, 0, out + log)
      assert.match(out, /\n\d+ ready, 0 to do, 0 not known: dev in us-east-1\n$/)
      assert.equal(await cloud.held(), before)
      const calls = cloud.calls().slice(-19)
      assert.equal(
        calls.flatMap(({ problems }) => problems),
        [],
      )
    },
    patience,
  )

  test(
    'where nothing is, names what to do for each, and ends with 1',
    async () => {
      await other.start(material.python, bare)
      const printed = await visit(other, { args: ['--json'] })
      assert.is(printed.status, 1, printed.log)
      const todo = reportOf(printed).findings.filter(({ state }) => state === 'to do')
      assert.equal(
        todo.map(({ check }) => check),
        [
          'quota L-DB2E81BA',
          'quota L-3819A6DF',
          'quota L-1216C47A',
          'hosted zone',
          'state bucket',
          'state key',
          'role slipway-deployer',
          'Kubernetes',
          ...Object.keys(addons).map((name) => `add-on ${name}`),
          'nodes.ami',
          'Transaction Search',
        ],
      )
      for (const { check, todo: advice } of todo) assert.ok((advice ?? '').length > 20, check)
      assert.match(todo[0]?.todo ?? '', /request-service-quota-increase .* --desired-value 12/)
    },
    patience,
  )

  test(
    'of somebody else is named at once, and asked nothing more',
    async () => {
      const stranger = new Cloud()
      await stranger.start(material.python, { ...bare, number: '999999999999' })
      const { status, out } = await visit(stranger)
      const asked = stranger.calls().map(({ operation }) => operation)
      await stranger.stop()
      assert.is(status, 1)
      assert.match(out, /TO DO +account +the credentials are of 999999999999 .* names 111122223333/)
      assert.equal(asked, ['GetCallerIdentity'])
    },
    patience,
  )
})

/** What the bootstrap template makes, by the same CLI. */
function bootstrap(cloud: Cloud): void {
  const env = { ...process.env, ...cloud.environment(region), AWS_DEFAULT_REGION: region }
  const aws = (...args: string[]): string =>
    execFileSync('aws', [...args, '--output', 'json'], { env, encoding: 'utf8' })
  const bucket = stateBucket({ account, cluster: cluster.name })
  aws('s3api', 'create-bucket', '--bucket', bucket)
  aws('s3api', 'put-bucket-versioning', '--bucket', bucket, '--versioning-configuration', 'Status=Enabled')
  const { KeyMetadata } = JSON.parse(aws('kms', 'create-key')) as { KeyMetadata: { KeyId: string } }
  aws('kms', 'create-alias', '--alias-name', `alias/${cluster.name}-state`, '--target-key-id', KeyMetadata.KeyId)
}
