// Weights of a model that a commit adds: Argo CD makes the Job that copies them before anything else of it; what Job and pod shall
// run is run for real, from a Hub on loopback through a real S3 server into a folder. job-pods.ts ends the Job’s pod.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { FakeHub } from '../../../../model-server/test/fake-hub.ts'
import { ServerProcess } from '../../../../model-server/test/server-process.ts'
import { pythonWithMoto, S3Server } from '../../../../model-server/test/weights/s3-server.ts'
import { assert } from '../../../../test/spec.ts'
import { applications } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, gone, patient, synced } from './scene.ts'

interface Workload {
  metadata: { name: string; creationTimestamp: string }
  spec: { template: { spec: { containers: Container[]; initContainers?: Container[] } } }
}

interface Container {
  args: string[]
}

const commit = '0123456789abcdef0123456789abcdef01234567'
const model = (cluster: string): string => `model: acme/tiny
revision: ${commit}
engine: vllm
accelerator: l4
clusters:
  ${cluster}: {}
`

export const weightCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene

  test(
    'weights are copied before a GPU is asked for, a pod finds them, and a model that goes takes its Job along',
    async () => {
      const found = await pythonWithMoto()
      if ('missing' in found) return void console.log(`SKIP  weights in S3: ${found.missing}`)
      const store = new S3Server()
      const hub = new FakeHub({ 'config.json': '{}', 'model.safetensors': Buffer.alloc(3_000_000, 'w') })
      const folder = mkdtempSync(join(tmpdir(), 'slipway-weights-'))
      try {
        await store.start(found.python)
        const env = { ...store.environment(), HF_ENDPOINT: await hub.start(), HF_TOKEN: '' }
        source.write('apps/models/copied.yaml', model(source.cluster))
        source.write('apps/models/copied.lock.json', lockOf(source.read('apps/models/smollm2-135m-instruct.lock.json')))
        await synced(scene, source.commit('apps: add copied'), ['model-copied'])
        const rendered = (kind: string, name: string) =>
          parse(source.read(`clusters/${source.cluster}/rendered/model-copied/${kind}-${name}.yaml`)) as Workload
        const [copied] = rendered('job', 'copy-copied').spec.template.spec.containers
        const bucket = /s3:\/\/([^/]+)\//.exec(copied?.args.join(' ') ?? '')?.[1] ?? ''
        await store.makeBucket(bucket)
        await jobCameFirst()
        const copy = await new ServerProcess(copied?.args ?? [], env).ended
        assert.is(copy.code, 0, copy.errors)
        const deployment = await controlPlane.get<Workload>('deployment', 'copied', '--namespace', 'models')
        const [fetch] = deployment.spec.template.spec.initContainers ?? []
        const args = (fetch?.args ?? []).map((word) => (word.startsWith('--to=') ? `--to=${folder}` : word))
        hub.stop()
        const fetched = await new ServerProcess(args, env).ended
        assert.is(fetched.code, 0, fetched.errors)
        assert.equal(readFileSync(join(folder, 'model.safetensors')), Buffer.alloc(3_000_000, 'w'))
        source.remove('apps/models/copied.yaml')
        source.remove('apps/models/copied.lock.json')
        source.commit('apps: remove copied')
        await gone(scene, 'model-copied')
        await until('the end of its Job', 60, async () => {
          const jobs = await controlPlane.list<Workload>('jobs', '--namespace', 'models')
          return jobs.some(({ metadata }) => metadata.name === 'copy-copied') ? 'it is still there' : true
        })
      } finally {
        hub.stop()
        await store.stop()
        rmSync(folder, { recursive: true })
      }
    },
    patient,
  )

  async function jobCameFirst(): Promise<void> {
    const [application] = (await applications(controlPlane)).filter(({ metadata }) => metadata.name === 'model-copied')
    const { resources = [] } = (application?.status?.operationState?.syncResult ?? {}) as {
      resources?: { kind: string; hookPhase?: string; syncPhase?: string }[]
    }
    const job = resources.find(({ kind }) => kind === 'Job')
    assert.equal([job?.syncPhase, job?.hookPhase], ['PreSync', 'Succeeded'])
  }
}

/** Facts of a small model, under another name and without hashes of files that are not here. */
function lockOf(text: string): string {
  const { weightFiles: _, ...facts } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify({ ...facts, id: 'acme/tiny', revision: commit })
}
