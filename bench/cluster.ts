// A large catalogue on a real Argo CD: how long until everything has synced, how long until one changed model has, what Argo CD holds.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { standIn } from '../generators/test/cluster/absent-controllers.ts'
import { refresh } from '../generators/test/cluster/applications.ts'
import { ControlPlane, noCluster, until } from '../generators/test/cluster/control-plane.ts'
import { GitSource } from '../generators/test/cluster/git-source.ts'
import { simulatedNodes } from '../generators/test/cluster/simulated-nodes.ts'
import { bootstrapProject, rootApplication } from '../platform/plan-argocd.ts'
import { type Benchmark, type Measurement, round } from './measurement.ts'

const models = 300
/** Each pod of a model on CPUs takes half a core of four. */
const podsOnNode = 6
const waitSeconds = 1200

interface State {
  name: string
  sync: string
  health: string
  finished: string
}

/** Argo CD's Applications of models, without the weight of their whole status. */
async function states(controlPlane: ControlPlane): Promise<State[]> {
  const columns =
    'NAME:.metadata.name,SYNC:.status.sync.status,HEALTH:.status.health.status,FINISHED:.status.operationState.finishedAt'
  const { out } = await controlPlane.kubectl(
    'get',
    'applications',
    '--namespace',
    'argocd',
    '--no-headers',
    '-o',
    `custom-columns=${columns}`,
  )
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', sync = '', health = '', finished = ''] = line.trim().split(/\s+/)
      return { name, sync, health, finished }
    })
}

const isBench = ({ name }: State): boolean => name.startsWith('model-bench-')

function memoryMib(controlPlane: ControlPlane, name: string): number {
  const [pid] = readFileSync(join(controlPlane.folder, 'pid', name), 'utf8').split(' ')
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

const modelFile = (cluster: string, note: string): string =>
  `model: ./model-server/models/tiny-stories\ndescription: ${note}\nengine: cpu\nenv: { NOTE: "${note}" }\nclusters:\n  ${cluster}: {}\n`

async function run(): Promise<Measurement[]> {
  const reason = noCluster()
  if (reason !== undefined) throw new Error(`${reason}: this benchmark needs a control plane of its own`)
  const source = new GitSource('prod')
  const controlPlane = new ControlPlane()
  try {
    const nodesFile = join(source.folder, 'nodes.json')
    const items = simulatedNodes(source.plan, Math.ceil(models / podsOnNode))
    writeFileSync(nodesFile, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    const { cluster } = source.plan
    controlPlane.up({ nodesFile, repository: { url: cluster.gitops.repoUrl, path: source.bare }, externalTags: 'Name' })
    await controlPlane.apply([bootstrapProject(cluster), rootApplication(cluster)])
    await until('the namespaces', 120, async () =>
      (await states(controlPlane)).some(({ name, sync }) => name === 'namespaces' && sync === 'Synced')
        ? true
        : 'not yet',
    )
    const lock = source.read('apps/models/tiny-stories.lock.json')
    for (let index = 0; index < models; index += 1) {
      const name = `bench-${String(index).padStart(3, '0')}`
      source.write(`apps/models/${name}.yaml`, modelFile(cluster.name, 'first'))
      source.write(`apps/models/${name}.lock.json`, lock)
    }
    const started = performance.now()
    source.commit('300 models')
    await refresh(controlPlane)
    await until('300 models', waitSeconds, async () => {
      await standIn(controlPlane)
      const right = (await states(controlPlane)).filter(
        (one) => isBench(one) && one.sync === 'Synced' && one.health === 'Healthy',
      )
      console.error(`${right.length} of ${models} after ${Math.round((performance.now() - started) / 1000)} s`)
      await new Promise((resolve) => setTimeout(resolve, 3000))
      return right.length === models ? true : String(right.length)
    })
    const total = (performance.now() - started) / 1000
    const [controller, repository] = ['appctl', 'repo-server'].map((name) => memoryMib(controlPlane, name))
    const before = new Map((await states(controlPlane)).map((one) => [one.name, one.finished]))
    const again = performance.now()
    source.write('apps/models/bench-150.yaml', modelFile(cluster.name, 'second'))
    source.commit('one model')
    await refresh(controlPlane)
    const changed = async () =>
      (await states(controlPlane)).filter((one) => isBench(one) && before.get(one.name) !== one.finished)
    await until('one model', 300, async () =>
      (await changed()).some(({ name, sync }) => name === 'model-bench-150' && sync === 'Synced') ? true : 'not yet',
    )
    const one = (performance.now() - again) / 1000
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const others = (await changed()).length - 1
    return [
      { name: `${models} models: commit to all Synced and Healthy`, value: round(total), unit: 's' },
      { name: 'the same, each model', value: round(total / models), unit: 's' },
      { name: 'Argo CD application controller', value: round(controller ?? Number.NaN), unit: 'MiB RSS' },
      { name: 'Argo CD repository server', value: round(repository ?? Number.NaN), unit: 'MiB RSS' },
      { name: 'one model of them: commit to Synced', value: round(one), unit: 's' },
      { name: 'other Applications that synced with it', value: others, unit: 'Applications' },
    ]
  } finally {
    controlPlane.down()
    source.drop()
  }
}

export const clusterBenchmark: Benchmark = {
  name: 'cluster',
  summary: '300 models on a real Argo CD; needs SLIPWAY_CONTROL_PLANE, takes some minutes',
  run,
}
