// The program as Pulumi runs it: the stack's name chooses the cluster file; a wrong file or setting ends before anything is made.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { infraSchema } from '../../generators/schema/infra.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { root } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { placeholderCall, placeholderOutputs } from '../graph/placeholder-outputs.ts'
import { readCluster } from '../read-cluster.ts'
import { readCanarySecret, readOriginSecret } from '../stack-settings.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from './graphs.ts'

/** The message of the error that `body` throws, which must be one that Pulumi prints without a stack trace. */
function refusal(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error))
    return (error as Error).message
  }
  return assert.unreachable('nothing was refused') as never
}

/** A repository with one cluster file, the first sample with a change. */
function refusalOf(change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-program-'))
  const text = readFileSync(join(sampleRoot, `clusters/${clusterNames[0]}/cluster.yaml`), 'utf8')
  try {
    mkdirSync(join(folder, 'clusters/blue'), { recursive: true })
    writeFileSync(join(folder, 'clusters/blue/cluster.yaml'), change(text))
    return refusal(() => readCluster(folder, 'blue'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the program', (test) => {
  test('reads the cluster file of its stack and exports fields of infra.json', async () => {
    // The program is of this copy, so the cluster is.
    const [name = ''] = readdirSync(join(root, 'clusters'))
    const cluster = readCluster(root, name)
    const newResource = ({ type, name: resource, inputs }: pulumi.runtime.MockResourceArgs) =>
      placeholderOutputs({ type, name: resource, inputs } as Parameters<typeof placeholderOutputs>[0], cluster)
    await pulumi.runtime.setMocks(
      { newResource, call: ({ token, inputs }) => placeholderCall(token, inputs, cluster) },
      'slipway',
      name,
    )
    pulumi.runtime.setAllConfig({ 'slipway:originSecret': 'a'.repeat(64) })
    const { default: outputs } = (await import('../index.ts')) as { default: Record<string, unknown> }
    const fields = Object.keys(infraSchema.properties)
    assert.equal(
      Object.keys(outputs).filter((key) => !fields.includes(key)),
      [],
    )
    assert.is(outputs.accountId, cluster.account)
    await pulumi.runtime.disconnect()
  })

  test('exports nothing secret', async () => {
    for (const name of clusterNames) assert.not.match(JSON.stringify((await graphOf(name)).outputs), /origin-secret/)
  })

  test('reads every sample cluster as tests do', () => {
    for (const name of clusterNames) assert.equal(readCluster(sampleRoot, name), clusterOf(name))
  })
})

describe('a cluster file', (test) => {
  test('that is not there is named, with those that are', () => {
    const message = refusal(() => readCluster(sampleRoot, 'moon'))
    assert.match(message, `clusters/moon/cluster.yaml is not there`)
    for (const name of clusterNames) assert.match(message, name)
  })

  test('with mistakes is refused with all of them, each with line and hint', () => {
    const message = refusalOf(
      (text) =>
        `${text.replace('environment: dev', 'environment: staging')}\nnetwork: { vpcCidr: 10.0.0.0/8 }\nregion2: x\n`,
    )
    const lines = message.split('\n').slice(1)
    assert.ok(lines.length >= 3, message)
    for (const line of lines) assert.match(line, /^[A-Z_]+ clusters\/blue\/cluster\.yaml:\d+:\d+ .+ -> .+/)
  })

  test('that would only fail at AWS is refused too', () => {
    assert.match(
      refusalOf((text) => text.replace('region: us-east-1', 'region: us-west-1')),
      /REGION_ACCELERATOR clusters\/blue\/cluster\.yaml:\d+:\d+ no NVIDIA L4 \(g6\.xlarge\) was seen in us-west-1 -> /,
    )
  })

  test('that is no YAML is refused where it breaks', () => {
    assert.match(
      refusalOf((text) => `${text}\nx: [`),
      /YAML_SYNTAX clusters\/blue\/cluster\.yaml:\d+/,
    )
  })
})

describe('the secret of the canary’s client', (test) => {
  const withClient = fullCluster()

  test('is required when the cluster file names the client, and kept encrypted', () => {
    assert.match(
      refusal(() => readCanarySecret(new pulumi.Config('empty'), withClient)),
      'config set --secret canaryClientSecret',
    )
    assert.is(readCanarySecret(new pulumi.Config('empty'), clusterOf('dev')), undefined)
  })
})

describe('the origin secret', (test) => {
  const stack = { name: 'blue', isApplied: false }
  const config = (values: Record<string, string>) => {
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`slipway:${key}`, value])),
    )
    return new pulumi.Config('slipway')
  }

  test('is required, and the message says how to make one', () => {
    assert.match(
      refusal(() => readOriginSecret(config({}), stack)),
      'openssl rand -hex 32',
    )
  })

  test('is never made a second time: with it all clients would be shut out', () => {
    const message = refusal(() => readOriginSecret(config({}), { ...stack, isApplied: true }))
    assert.not.match(message, 'openssl')
    assert.match(message, /^platform\/Pulumi\.blue\.yaml has no originSecret.* take the file out of Git’s history/)
  })

  test('must not be short or hold what a header cannot, and is not shown', () => {
    for (const value of ['short', 'with space'.repeat(5), `${'a'.repeat(40)}\n`]) {
      const message = refusal(() => readOriginSecret(config({ originSecret: value }), stack))
      assert.match(message, 'originSecret must be 32 to 128')
      assert.not.match(message, value.trim())
    }
  })

  test('has a predecessor only while it is rotated', () => {
    const current = 'c'.repeat(32)
    assert.equal(Object.keys(readOriginSecret(config({ originSecret: current }), stack)), ['current'])
    const both = readOriginSecret(config({ originSecret: current, originSecretPrevious: 'p'.repeat(32) }), stack)
    assert.equal(Object.keys(both), ['current', 'previous'])
  })
})
