// Rules over rendered objects: each breach of Pod Security and of GPU rules by itself, and orphans both ways.
import { assert, describe } from '../../../test/spec.ts'
import type { KubernetesObject, Manifest } from '../../render/manifest.ts'
import { ManifestRules } from '../../verify/manifest-rules.ts'
import { emitYaml } from '../../write/emit-yaml.ts'

type Json = Record<string, unknown>

const manifest = (app: string, object: unknown): Manifest => ({
  cluster: 'blue',
  app,
  source: 'apps/models/chat.yaml',
  object: object as KubernetesObject,
})

const container = (changes: Json = {}): Json => ({
  name: 'engine',
  image: 'example/chat:1.0',
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  ...changes,
})

const deployment = (pod: Json = {}, containers: Json[] = [container()]): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'chat', namespace: 'models' },
  spec: {
    selector: { matchLabels: { app: 'chat' } },
    template: {
      metadata: { labels: { app: 'chat' } },
      spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers, ...pod },
    },
  },
})

const application = (name: string, path = `clusters/blue/rendered/${name}`): unknown => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: {
    project: 'models',
    destination: { namespace: 'models', server: 'https://kubernetes.default.svc' },
    source: { repoURL: 'https://github.com/example/slipway', path },
  },
})

function check(...manifests: Manifest[]): string[] {
  const rules = new ManifestRules()
  for (const members of Map.groupBy(manifests, ({ app }) => app).values())
    rules.check(
      members,
      members.map(({ object }) => emitYaml(object)),
    )
  rules.finish()
  return rules.diagnostics.map(({ code, message }) => `${code} ${message}`)
}

const checkPod = (pod: Json, containers?: Json[]): string[] =>
  check(manifest('argocd', application('model-chat')), manifest('model-chat', deployment(pod, containers)))

const own = (changes: Json): Json =>
  container({ securityContext: { ...(container().securityContext as Json), ...changes } })

describe('Pod Security', (test) => {
  test('finds nothing wrong with a restricted pod', () => {
    assert.equal(checkPod({}), [])
  })

  const breaches: [string, Json, Json[] | undefined][] = [
    ['hostNetwork is true', { hostNetwork: true }, undefined],
    ['hostPID is true', { hostPID: true }, undefined],
    ['a volume of type hostPath', { volumes: [{ name: 'a', hostPath: { path: '/' } }] }, undefined],
    ['lacks runAsNonRoot: true', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, undefined],
    ['lacks seccompProfile RuntimeDefault', { securityContext: { runAsNonRoot: true } }, undefined],
    ['is privileged', {}, [own({ privileged: true })]],
    ['runs as user 0', {}, [own({ runAsUser: 0 })]],
    ['does not drop ALL capabilities', {}, [own({ capabilities: { drop: ['NET_RAW'] } })]],
    ['adds capabilities', {}, [own({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } })]],
    ['lacks readOnlyRootFilesystem: true', {}, [own({ readOnlyRootFilesystem: false })]],
    [
      'container fetch lacks allowPrivilegeEscalation: false',
      { initContainers: [{ ...own({ allowPrivilegeEscalation: undefined }), name: 'fetch' }] },
      undefined,
    ],
  ]
  for (const [text, pod, containers] of breaches) {
    test(`refuses a pod that ${text}`, () => {
      const found = checkPod(JSON.parse(JSON.stringify(pod)), containers)
      assert.ok(found.length === 1 && found[0]?.startsWith('POD_SECURITY') && found[0].includes(text), found.join('\n'))
    })
  }
})

describe('GPU rules', (test) => {
  const tolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists' }]
  const pool = {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'l4' },
    spec: {
      template: {
        metadata: { labels: { 'slipway.dev/node-pool': 'l4' } },
        spec: { nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'l4' }, requirements: [] },
      },
    },
  }
  const gpus = (limit: unknown, request: unknown = limit): Json[] => [
    container({ resources: { limits: { 'nvidia.com/gpu': limit }, requests: { 'nvidia.com/gpu': request } } }),
  ]
  const withPool = (
    pod: Json,
    containers: Json[],
    pools = [manifest('node-pools', pool), manifest('argocd', application('node-pools'))],
  ) =>
    check(...pools, manifest('argocd', application('model-chat')), manifest('model-chat', deployment(pod, containers)))
  const good = { tolerations, nodeSelector: { 'slipway.dev/node-pool': 'l4' } }

  test('find nothing wrong with a whole number, tolerated, on a pool that is there', () => {
    assert.equal(withPool(good, gpus(2)), [])
  })

  const breaches: [string, Json, Json[]][] = [
    ['limits nvidia.com/gpu to 0', good, gpus(0)],
    ['limits nvidia.com/gpu to "1"', good, gpus('1')],
    ['limits nvidia.com/gpu to 0.5', good, gpus(0.5)],
    ['requests 1 nvidia.com/gpu and limits them to 2', good, gpus(2, 1)],
    ['does not tolerate the taint', { nodeSelector: good.nodeSelector }, gpus(1)],
    ['selects no node pool', { tolerations }, gpus(1)],
    [
      'no node pool has the label slipway.dev/node-pool: h100',
      { tolerations, nodeSelector: { 'slipway.dev/node-pool': 'h100' } },
      gpus(1),
    ],
  ]
  for (const [text, pod, containers] of breaches) {
    test(`refuse a pod that ${text}`, () => {
      const found = withPool(pod, containers).filter((one) => one.startsWith('GPU_LIMIT'))
      assert.ok(found.length === 1 && found[0]?.includes(text), found.join('\n'))
    })
  }
})

describe('folders and Applications', (test) => {
  test('a folder without Application is found', () => {
    const found = check(manifest('model-chat', deployment()))
    assert.equal(found, ['APPLICATION_ORPHAN the folder model-chat has no Application, so nobody would apply it'])
  })

  test('an Application of another cluster’s folder is found', () => {
    const found = check(
      manifest('argocd', application('model-chat', 'clusters/green/rendered/model-chat')),
      manifest('model-chat', deployment()),
    )
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', 'clusters/green')
  })

  test('an Application of a chart needs no folder', () => {
    const chart = {
      ...(application('keda') as Json),
      spec: {
        project: 'platform',
        destination: { namespace: 'keda', server: 'https://kubernetes.default.svc' },
        source: { repoURL: 'https://kedacore.github.io/charts', chart: 'keda', targetRevision: '2.20.2' },
      },
    }
    assert.equal(check(manifest('argocd', chart)), [])
  })
})
