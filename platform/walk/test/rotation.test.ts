// The rotation of the origin secret, step by step: what each `up` changes and in which order, when pods learn of it, and what a real
// gateway answers to the edge meanwhile.
import { readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { originHeader } from '../../../gateway/security-headers.ts'
import { startGateway, until } from '../../../gateway/test/harness.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, ofType, type Resource } from '../../graph/graph.ts'
import { clusterOf, recordGraph } from '../../test/graphs.ts'
import { type Declared, readRendered } from '../declared.ts'
import { mountedOriginSecret } from '../gateway-settings.ts'

const [old, fresh] = ['old-value-of-the-origin-secret-000', 'new-value-of-the-origin-secret-111']
const cluster = clusterOf('prod')
const objects = readRendered(sampleRoot, cluster.name)

/** One `up`: what CloudFront sends and what Secrets Manager holds after it. */
interface Step {
  sent: string
  stored: Record<string, string>
  graph: Graph
}

const distributionOf = (graph: Graph): Resource | undefined =>
  ofType(graph, 'aws:cloudfront/distribution:Distribution')[0]

async function up(originSecret: { current: string; previous?: string }): Promise<Step> {
  const graph = await recordGraph({ cluster, originSecret })
  const origins = distributionOf(graph)?.inputs.origins as { customHeaders: { name: string; value: string }[] }[]
  const sent = new Set(
    origins.flatMap(({ customHeaders }) =>
      customHeaders.filter(({ name }) => name === originHeader).map(({ value }) => value),
    ),
  )
  assert.is(sent.size, 1)
  const declared: Declared = { cluster, graph, objects }
  return { sent: [...sent].join(), stored: mountedOriginSecret(declared, { path: '/', host: cluster.domain }), graph }
}

const documented = () => [{ current: old }, { current: fresh, previous: old }, { current: fresh }]

/** A pod of the gateway, and the volume in which the kubelet shows it the Secret. */
async function startPod(stored: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-rotation-'))
  const mount = async (values: Record<string, string>) => {
    const names = ['current', 'previous']
    for (const name of names) {
      const file = join(folder, name)
      const value = values[name]
      if (value === undefined) await rm(file, { force: true })
      else {
        await writeFile(join(folder, `.${name}`), value)
        await rename(join(folder, `.${name}`), file)
      }
    }
  }
  await mount(stored)
  const gateway = await startGateway([], { config: { ORIGIN_SECRET_FOLDER: folder } })
  const ask = async (value: string) => (await gateway.get('/openapi.json', { [originHeader]: value })).status
  const learn = async (values: Record<string, string>) => {
    const before = gateway.log().length
    await mount(values)
    await until(() => gateway.log().slice(before).includes('origin_secret_read'), 'the pod has read it', 5000)
  }
  const stop = async () => {
    await gateway.stop()
    await rm(folder, { recursive: true })
  }
  return { ask, learn, stop }
}

describe('the rotation of the origin secret', (test) => {
  test('loses no request: at every step each edge location is let in by each pod, early or late', async () => {
    const steps: Step[] = []
    for (const settings of documented()) steps.push(await up(settings))
    const [first] = steps as [Step, ...Step[]]
    const early = await startPod(first.stored)
    const late = await startPod(first.stored)
    const answers: string[] = []
    const both = async (when: string, values: ReadonlySet<string>) => {
      for (const value of values)
        for (const [name, pod] of Object.entries({ early, late }))
          answers.push(`${when}: ${name} pod ${await pod.ask(value)}`)
    }
    try {
      let before = first
      for (const [index, step] of steps.entries()) {
        // Edge locations change one after the other, while Pulumi waits for them; only then the stored value follows.
        await both(`up ${index}, CloudFront changes`, new Set([before.sent, step.sent]))
        if (JSON.stringify(step.stored) !== JSON.stringify(before.stored)) {
          await early.learn(step.stored)
          await both(`up ${index}, one pod has learned`, new Set([step.sent]))
          await late.learn(step.stored)
        }
        await both(`up ${index}, all have learned`, new Set([step.sent]))
        before = step
      }
      assert.equal(
        answers.filter((answer) => !answer.endsWith(' 200')),
        [],
      )
      assert.ok(answers.length > 15)
      assert.equal([await early.ask(old), await early.ask(fresh), before.sent], [403, 200, fresh])
    } finally {
      await early.stop()
      await late.stop()
    }
  })

  test('changes what is stored only after CloudFront has changed everywhere', async () => {
    for (const settings of documented()) {
      const { graph } = await up(settings)
      const distribution = distributionOf(graph)
      assert.is.not(distribution?.inputs.waitForDeployment, false)
      const [version] = ofType(graph, 'aws:secretsmanager/secretVersion:SecretVersion')
      const component = graph.resources.find(({ name, custom }) => name === version?.parent && !custom)
      assert.ok(component?.dependencies.includes(distribution?.name ?? ''))
    }
  })

  test('waits longer, on its page, than a value takes to every pod', () => {
    const { spec } =
      objects.find(({ kind, metadata }) => kind === 'ExternalSecret' && metadata.name === 'origin-verify') ?? {}
    assert.is(spec?.refreshInterval, '1h')
    // The kubelet looks once a minute at what it has cached for up to another; the gateway reads every 2 s.
    const minutes = 60 + 1 + 1 + 1
    const text = readFileSync(join(root, 'docs/how-to/rotate-the-origin-secret.md'), 'utf8')
    const written = Number(/wait (\d+) minutes/.exec(text)?.[1])
    assert.ok(written >= minutes, `${written} minutes`)
  })
})
