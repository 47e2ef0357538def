// A catalogue on a real Argo CD: how long until everything has synced, and what a commit costs: found by git-watch's look at the root, or
// by every Application for itself, as polling does.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrapProject, rootApplication } from '../generators/render/argocd/root.ts'
import { standIn } from '../generators/test/cluster/absent-controllers.ts'
import { refresh } from '../generators/test/cluster/applications.ts'
import { ControlPlane, noCluster, until } from '../generators/test/cluster/control-plane.ts'
import { GitSource } from '../generators/test/cluster/git-source.ts'
import { simulatedNodes } from '../generators/test/cluster/simulated-nodes.ts'
import { type Benchmark, type Measurement, round } from './measurement.ts'

const models = 100
/** Models that one commit changes at once. */
const many = 30
/** Each pod of a model on CPUs takes half a core of four. */
const podsOnNode = 6
const waitSeconds = 1200
/** Longer than a run: no poll falls into a measurement. */
const pollSeconds = 86_400

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

/** CPU seconds of Argo CD's controller and repository server, and of the API server, since they began; requests of the controller. */
interface Cost {
  argo: number
  apiServer: number
  requests: number
}

/** Seconds; the kernel counts hundredths. */
function cpuSeconds({ folder }: ControlPlane, name: string): number {
  const [pid] = readFileSync(join(folder, 'pid', name), 'utf8').split(' ')
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function costOf(controlPlane: ControlPlane): Promise<Cost> {
  const port = /^appctl_metrics=(\d+)$/m.exec(readFileSync(join(controlPlane.folder, 'ports'), 'utf8'))?.[1]
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const counts = [...text.matchAll(/^argocd_app_k8s_request_total\{.*\} ([\d.e+]+)$/gm)]
  return {
    argo: cpuSeconds(controlPlane, 'appctl') + cpuSeconds(controlPlane, 'repo-server'),
    apiServer: cpuSeconds(controlPlane, 'apiserver'),
    requests: counts.reduce((sum, [, count]) => sum + Number(count), 0),
  }
}

function memoryMib(controlPlane: ControlPlane, name: string): number {
  const [pid] = readFileSync(join(controlPlane.folder, 'pid', name), 'utf8').split(' ')
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

const modelFile = (cluster: string, note: string): string =>
  `model: ./model-server/models/tiny-stories\ndescription: ${note}\nengine: cpu\nenv: { NOTE: "${note}" }\nclusters:\n  ${cluster}: {}\n`

const nameOf = (index: number): string => `bench-${String(index).padStart(3, '0')}`

interface Stage {
  source: GitSource
  controlPlane: ControlPlane
}

/** Models with the note in their Deployment, Healthy again. */
async function arrived({ controlPlane }: Stage, note: string): Promise<number> {
  const { out } = await controlPlane.kubectl(
    ...['get', 'deployments', '--namespace', 'models', '-o'],
    'jsonpath={range .items[*]}{.spec.template.spec.containers[0].env[?(@.name=="NOTE")].value} {.status.updatedReplicas} {.status.readyReplicas}{"\\n"}{end}',
  )
  return out.split('\n').filter((line) => line.startsWith(`${note} 1 1`)).length
}

/**
 * Changes models in one commit; `look` names the Applications that look at Git. Until the pods are new, and then until Argo CD has nothing
 * more to do for it.
 */
async function change(stage: Stage, what: string, count: number, look?: readonly string[]): Promise<Measurement[]> {
  const { source, controlPlane } = stage
  const note = what.replaceAll(' ', '-').replaceAll(',', '')
  for (let index = 0; index < count; index += 1)
    source.write(`apps/models/${nameOf(index)}.yaml`, modelFile(source.cluster, note))
  source.commit(what)
  const before = await costOf(controlPlane)
  const started = performance.now()
  await refresh(controlPlane, look)
  await until(what, 300, async () => {
    const there = await arrived(stage, note)
    return there === count ? true : `${there} of ${count}`
  })
  const seconds = (performance.now() - started) / 1000
  await quiet(controlPlane)
  const after = await costOf(controlPlane)
  return [
    { name: `${what}: refresh to new pods`, value: round(seconds), unit: 's' },
    { name: `${what}: Argo CD`, value: round(after.argo - before.argo), unit: 'CPU s' },
    { name: `${what}: API server`, value: round(after.apiServer - before.apiServer), unit: 'CPU s' },
    { name: `${what}: requests a changed model`, value: round((after.requests - before.requests) / count), unit: '' },
  ]
}

/** No request of the controller for five seconds. */
async function quiet(controlPlane: ControlPlane): Promise<void> {
  for (let last = -1; ; ) {
    const { requests } = await costOf(controlPlane)
    if (requests === last) return
    last = requests
    await new Promise((resolve) => setTimeout(resolve, 5000))
  }
}

async function run(): Promise<Measurement[]> {
  const reason = noCluster()
  if (reason !== undefined) throw new Error(`${reason}: this benchmark needs a control plane of its own`)
  process.env.CP_RESYNC_SECONDS = String(pollSeconds)
  const source = new GitSource('prod')
  const controlPlane = new ControlPlane()
  const stage = { source, controlPlane }
  try {
    const nodesFile = join(source.folder, 'nodes.json')
    const items = simulatedNodes(source.plan, Math.ceil((models + many) / podsOnNode))
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
      source.write(`apps/models/${nameOf(index)}.yaml`, modelFile(cluster.name, 'first'))
      source.write(`apps/models/${nameOf(index)}.lock.json`, lock)
    }
    const started = performance.now()
    source.commit(`${models} models`)
    await refresh(controlPlane)
    await until(`${models} models`, waitSeconds, async () => {
      await standIn(controlPlane)
      const right = (await states(controlPlane)).filter(
        (one) => isBench(one) && one.sync === 'Synced' && one.health === 'Healthy',
      )
      console.error(`${right.length} of ${models} after ${Math.round((performance.now() - started) / 1000)} s`)
      await new Promise((resolve) => setTimeout(resolve, 3000))
      return right.length === models ? true : String(right.length)
    })
    const total = (performance.now() - started) / 1000
    await quiet(controlPlane)
    const [controller, repository] = ['appctl', 'repo-server'].map((name) => memoryMib(controlPlane, name))
    return [
      { name: `${models} models: commit to all Synced and Healthy`, value: round(total), unit: 's' },
      { name: 'the same, each model', value: round(total / models), unit: 's' },
      { name: 'Argo CD application controller', value: round(controller ?? Number.NaN), unit: 'MiB RSS' },
      { name: 'Argo CD repository server', value: round(repository ?? Number.NaN), unit: 'MiB RSS' },
      ...(await change(stage, 'one model, the root looks', 1, ['root'])),
      ...(await change(stage, 'one model, every Application looks', 1)),
      ...(await change(stage, 'one model, the root looks again', 1, ['root'])),
      ...(await change(stage, `${many} models, the root looks`, many, ['root'])),
    ]
  } finally {
    controlPlane.down()
    source.drop()
  }
}

export const clusterBenchmark: Benchmark = {
  name: 'cluster',
  summary: `${models} models on a real Argo CD, and what a commit costs; needs SLIPWAY_CONTROL_PLANE, takes some minutes`,
  run,
}
