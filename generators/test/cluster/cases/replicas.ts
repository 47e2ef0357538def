// Every way in which the number of a model's replicas changes in Git, in both orders in which Argo CD may see a commit: the model's
// folder before its Application, or after it. KEDA is not here: the test holds what KEDA would hold, before and after.
import { assert } from '../../../../test/spec.ts'
import { applications, refresh } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, synced } from './scene.ts'

type Bounds = readonly [min: number, max: number]

interface Transition {
  what: string
  from: Bounds
  /** Pods at the moment of the commit. */
  held: number
  to: Bounds
  after: number
}

const transitions: readonly Transition[] = [
  { what: 'fixed, raised', from: [1, 1], held: 1, to: [2, 2], after: 2 },
  { what: 'fixed, lowered', from: [2, 2], held: 2, to: [1, 1], after: 1 },
  { what: 'fixed to autoscaled, above the minimum', from: [3, 3], held: 3, to: [1, 4], after: 3 },
  { what: 'fixed to autoscaled, at the minimum', from: [2, 2], held: 2, to: [2, 3], after: 2 },
  { what: 'fixed to autoscaled, below the minimum', from: [1, 1], held: 1, to: [2, 3], after: 2 },
  { what: 'fixed to a model that may sleep', from: [2, 2], held: 2, to: [0, 2], after: 2 },
  { what: 'autoscaled to fixed, from below', from: [1, 3], held: 1, to: [2, 2], after: 2 },
  { what: 'autoscaled to fixed, from above', from: [1, 3], held: 3, to: [2, 2], after: 2 },
  { what: 'autoscaled to fixed, from 0', from: [0, 2], held: 0, to: [1, 1], after: 1 },
  { what: 'autoscaled to fixed, from its number', from: [1, 3], held: 2, to: [2, 2], after: 2 },
  { what: 'bounds moved above the count', from: [1, 2], held: 1, to: [2, 4], after: 2 },
  { what: 'bounds moved below the count', from: [1, 4], held: 4, to: [1, 2], after: 2 },
  { what: 'asleep, then at least one', from: [0, 2], held: 0, to: [1, 2], after: 1 },
]

interface Deployment {
  metadata: { name: string }
  spec: { replicas: number }
}

interface ScaledObject {
  metadata: { name: string }
  spec: { minReplicaCount: number; maxReplicaCount: number }
}

interface Row extends Transition {
  name: string
  order: 'folder first' | 'Application first'
}

const rows: readonly Row[] = transitions.flatMap((transition, index) => [
  { ...transition, name: `turn-${index}-folder`, order: 'folder first' as const },
  { ...transition, name: `turn-${index}-application`, order: 'Application first' as const },
])

const modelFile = (cluster: string, [min, max]: Bounds): string =>
  `model: ./model-server/models/tiny-stories
engine: cpu
resources: { cpu: 100m }
scaling: { minReplicas: ${min}, maxReplicas: ${max}${min === 0 ? ', idleAfter: 30m' : ''} }
clusters:
  ${cluster}: {}
`

export const replicaCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const inModels = ['--namespace', 'models'] as const
  const scale = (name: string, count: number) =>
    controlPlane.kubectl('scale', 'deployment', name, ...inModels, `--replicas=${count}`)

  const counts = async (): Promise<Map<string, number>> =>
    new Map(
      (await controlPlane.list<Deployment>('deployments', ...inModels)).map(({ metadata, spec }) => [
        metadata.name,
        spec.replicas,
      ]),
    )

  /** As KEDA (pkg/scaling/executor) and its HorizontalPodAutoscaler: a count outside the bounds is brought to the nearer one. */
  async function keepBounds(): Promise<void> {
    const now = await counts()
    for (const { metadata, spec } of await controlPlane.list<ScaledObject>('scaledobjects.keda.sh', ...inModels)) {
      const count = now.get(metadata.name)
      if (!metadata.name.startsWith('turn-') || count === undefined) continue
      const wanted = Math.min(Math.max(count, spec.minReplicaCount), spec.maxReplicaCount)
      if (wanted !== count) await scale(metadata.name, wanted)
    }
  }

  /** What each Application says of its folder. */
  const marksOf = async (names: readonly string[]): Promise<(string | undefined)[]> =>
    (await applications(controlPlane))
      .filter(({ metadata }) => names.includes(metadata.name))
      .map(({ spec }) => spec.source?.name)

  const writeModels = (pick: (row: Row) => Bounds): void => {
    for (const row of rows) source.write(`apps/models/${row.name}.yaml`, modelFile(source.cluster, pick(row)))
  }
  const apps = rows.map(({ name }) => `model-${name}`)

  test(
    'Git’s number of replicas runs after every change of it, and on the way there are never fewer than before or after',
    async () => {
      const lock = source.read('apps/models/tiny-stories.lock.json')
      for (const { name } of rows) source.write(`apps/models/${name}.lock.json`, lock)
      writeModels(({ from }) => from)
      await synced(scene, source.commit('apps: models that will be scaled'), apps, 150)
      for (const { name, held, from } of rows) if (from[0] !== from[1]) await scale(name, held)
      const before = await counts()
      assert.equal(
        rows.map(({ name }) => before.get(name)),
        rows.map(({ held }) => held),
      )

      const watch = controlPlane.watch<Deployment>('/apis/apps/v1/namespaces/models/deployments')
      writeModels(({ to }) => to)
      const revision = source.commit('apps: other replicas')
      const folderFirst = rows.filter(({ order }) => order === 'folder first').map(({ name }) => `model-${name}`)
      const marks = await marksOf(folderFirst)
      await refresh(controlPlane, folderFirst)
      const refused = new Set<string>()
      await until('a sync of every folder before its Application', 60, async () => {
        const all = (await applications(controlPlane)).filter(({ metadata }) => folderFirst.includes(metadata.name))
        for (const { metadata, status } of all)
          if (status?.operationState?.message?.includes('belong to its autoscaler')) refused.add(metadata.name)
        const tried = all.filter(({ status }) => status?.operationState?.syncResult?.revision === revision)
        return tried.length === folderFirst.length ? true : `${tried.length} of ${folderFirst.length}`
      })
      assert.equal(await marksOf(folderFirst), marks, 'no Application has been changed yet')
      // Without the policy these would be at one pod now.
      assert.equal(
        [...refused].sort(),
        rows
          .filter(
            ({ order, from, to }) => order === 'folder first' && from[0] === from[1] && from[0] > 1 && to[0] !== to[1],
          )
          .map(({ name }) => `model-${name}`)
          .sort(),
      )
      await refresh(controlPlane, ['root'])
      let last = ''
      await until('the counts of Git', 120, async () => {
        await keepBounds()
        const now = await counts()
        const wrong = rows.filter(({ name, after }) => now.get(name) !== after)
        last = wrong
          .map(({ name, what, after }) => `${name} (${what}): ${now.get(name)} instead of ${after}`)
          .join('\n')
        return wrong.length === 0 ? true : last
      })
      await synced(scene, revision, apps, 120)
      watch.stop()

      const lowest = new Map(rows.map(({ name, held }) => [name, held]))
      for (const { object } of watch.events) {
        const { name } = object.metadata
        lowest.set(name, Math.min(lowest.get(name) ?? 0, object.spec.replicas))
      }
      for (const { what, order, name, from, held, to, after } of rows)
        console.log(`${what}, ${order}: {${from}} at ${held} -> {${to}} at ${after}, at least ${lowest.get(name)}`)
      for (const { what, order, name, held, after } of rows)
        assert.ok((lowest.get(name) ?? 0) >= Math.min(held, after), `${what}, ${order}: ${lowest.get(name)} pods`)

      for (const { name } of rows) for (const end of ['yaml', 'lock.json']) source.remove(`apps/models/${name}.${end}`)
      source.commit('apps: without them')
      await refresh(controlPlane, ['root'])
      await until('their end', 90, async () => {
        const left = [...(await counts()).keys()].filter((name) => name.startsWith('turn-'))
        return left.length === 0 ? true : left.join(', ')
      })
    },
    { timeoutSeconds: 600 },
  )

  test(
    'a fixed number that somebody changes by hand is healed, and so is a count of an autoscaled model by its own field',
    async () => {
      await scale('phi-4', 0)
      await until('the one replica of Git', 60, async () => {
        const count = (await counts()).get('phi-4')
        return count === 1 ? true : String(count)
      })
      const patch = ['patch', 'deployment', 'bge-small-en', ...inModels, '--type=merge', '--patch']
      const { status, log } = await controlPlane.kubectl(...patch, '{"spec":{"replicas":3}}')
      assert.is(status, 1)
      assert.match(log, 'belong to its autoscaler')
    },
    { timeoutSeconds: 120 },
  )
}
