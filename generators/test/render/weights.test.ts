// Where a pod’s weights come from, as synth renders it: the Job that copies, what the pod may reach, mirrors and a registry with a login.
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import type { KubernetesObject } from '../../render/manifest.ts'
import { validFixture, withRepository } from '../fixture.ts'
import { manifestsOf } from './manifests-of.ts'

const store = '  "weightsBucket": "blue-weights-111122223333",\n  "s3Cidrs": ["52.216.0.0/15"],\n'
const hash = 'ab'.repeat(32)

interface Change {
  cluster?: string
  chat?: string
  lock?(text: string): string
}

/** Objects of the cluster `blue`, by kind and name. */
function rendered({ cluster = '', chat = '', lock = (text) => text }: Change): Map<string, KubernetesObject> {
  return withRepository(validFixture, ({ root, read, write }) => {
    write('clusters/blue/cluster.yaml', `${read('clusters/blue/cluster.yaml')}${cluster}`)
    write('clusters/blue/infra.json', read('clusters/blue/infra.json').replace('{\n', `{\n${store}`))
    write('apps/models/chat.yaml', read('apps/models/chat.yaml').replace('  blue: {}', `  blue: {${chat}}`))
    write('apps/models/chat.lock.json', lock(read('apps/models/chat.lock.json')))
    const { plans, diagnostics } = planRepository(root, everything)
    const plan = plans.find((one) => one.cluster.name === 'blue')
    if (plan === undefined) throw new Error(JSON.stringify(diagnostics))
    return new Map(manifestsOf(plan).map(({ object }) => [`${object.kind}/${object.metadata.name}`, object]))
  })
}

const podOf = (objects: Map<string, KubernetesObject>, name = 'Deployment/chat') =>
  (objects.get(name) as unknown as IDeployment | undefined)?.spec?.template.spec
const s3 = 'weights: { source: s3 }\n'
const placeIn = (args: string[] = []): string => args.find((word) => word.startsWith('--store=')) ?? ''

describe('weights from S3', (test) => {
  const objects = rendered({ cluster: s3 })
  const job = podOf(objects, 'Job/copy-chat')
  const pod = podOf(objects)

  test('are copied by a Job before anything else of the model, on a node without GPU, and pods read what it wrote', () => {
    const annotations = objects.get('Job/copy-chat')?.metadata.annotations ?? {}
    assert.is(annotations['argocd.argoproj.io/hook'], 'PreSync')
    assert.equal(job?.nodeSelector, { 'slipway.dev/node-pool': 'cpu' })
    assert.match(placeIn(job?.containers[0]?.args), /^--store=s3:\/\/blue-weights-111122223333\/[0-9a-f]{64}$/)
    assert.is(placeIn(pod?.initContainers?.[0]?.args), placeIn(job?.containers[0]?.args))
    assert.is(
      objects.get('Deployment/chat')?.metadata.annotations?.['slipway.dev/weights'],
      placeIn(job?.containers[0]?.args).split('/').at(-1),
    )
  })

  test('leave the Hub token to the Job, and the internet too', () => {
    const names = (container: { env?: { name: string }[] } | undefined) => container?.env?.map(({ name }) => name)
    assert.ok(names(job?.containers[0])?.includes('HF_TOKEN'))
    assert.equal(names(pod?.initContainers?.[0]), ['AWS_REGION'])
    const egress = (name: string) =>
      JSON.stringify((objects.get(`NetworkPolicy/${name}`)?.spec as { egress?: object } | undefined)?.egress)
    assert.not(egress('chat').includes('0.0.0.0/0'))
    assert.match(egress('chat'), /52\.216\.0\.0\/15.*169\.254\.170\.23\/32/)
    assert.match(egress('weights-copy'), /0\.0\.0\.0\/0/)
  })

  test('have an address that another commit, another hash and nothing else changes', () => {
    const address = (change: Change) => placeIn(podOf(rendered({ cluster: s3, ...change }))?.initContainers?.[0]?.args)
    const with1 = (text: string) =>
      text.replace('"layers"', `"weightFiles": [{"name": "a.safetensors", "bytes": 1, "sha256": "${hash}"}], "layers"`)
    const first = address({})
    assert.is(address({ chat: ' scaling: { maxReplicas: 3 } ' }), first)
    assert.is(address({ lock: (text) => text.replace(/"licence": "[^"]*"/, '"licence": "mit"') }), first)
    assert.is.not(address({ lock: with1 }), first)
    assert.is.not(address({ lock: (text) => with1(text).replace(hash, 'cd'.repeat(32)) }), address({ lock: with1 }))
  })

  test('are read by the engine itself where a model file says so', () => {
    const streamed = podOf(rendered({ cluster: s3, chat: ' weights: { load: stream } ' }))
    const [engine] = streamed?.containers ?? []
    assert.is(streamed?.initContainers, undefined)
    assert.match(engine?.args?.[0] ?? '', /^s3:\/\/blue-weights-111122223333\/models\/[0-9a-f]{64}\/$/)
    assert.ok(engine?.args?.includes('--load-format=runai_streamer'))
    assert.ok(engine?.env?.some(({ name }) => name === 'AWS_REGION'))
  })

  test('are swept in that cluster alone', () => {
    assert.ok(objects.has('CronJob/weights-sweep'))
    assert.not([...rendered({}).keys()].some((name) => /weights|copy/.test(name)))
  })
})

describe('mirrors', (test) => {
  const objects = rendered({
    cluster:
      'mirrors: { hub: "https://hub.example.com", cidrs: [10.20.0.0/24], images: registry.example.com/mirror, pullSecret: true }\n',
  })
  const pod = podOf(objects)

  test('reach the fetch container and what its pod may reach', () => {
    assert.ok(
      pod?.initContainers?.[0]?.env?.some(
        ({ name, value }) => name === 'HF_ENDPOINT' && value === 'https://hub.example.com',
      ),
    )
    assert.match(JSON.stringify(objects.get('NetworkPolicy/chat')), /10\.20\.0\.0\/24/)
  })

  test('hold the images of engines and of ours under their own names', () => {
    const images = [
      pod?.containers[0]?.image,
      pod?.initContainers?.[0]?.image,
      podOf(objects, 'Deployment/gateway')?.containers[0]?.image,
    ]
    for (const image of images) assert.match(image ?? '', /^registry\.example\.com\/mirror\/[a-z]/)
    assert.match(images[0] ?? '', /mirror\/vllm\/vllm-openai:v.*@sha256:/)
  })

  test('with a login: every service account of ours pulls with it, and External Secrets brings it', () => {
    const accounts = [...objects.values()].filter(({ kind }) => kind === 'ServiceAccount')
    assert.ok(accounts.length >= 3)
    for (const account of accounts) assert.equal(account.imagePullSecrets, [{ name: 'registry' }])
    const logins = [...objects.values()].filter(
      ({ kind, metadata }) => kind === 'ExternalSecret' && metadata.name.startsWith('registry-'),
    )
    assert.equal(
      logins.map(({ metadata }) => metadata.namespace).sort(),
      [...new Set(accounts.map(({ metadata }) => metadata.namespace))].sort(),
    )
  })
})
