// What a kubelet would do with the pods of Jobs: no program runs in the simulated nodes, so a case runs what such a pod shall run, or
// the suite says that it ended well.
import { labels, smokeComponent, weightsCopyComponent } from '../../schema/contract.ts'
import type { ControlPlane } from './control-plane.ts'

interface Pod {
  metadata: { name: string; namespace: string; labels: Record<string, string> }
  spec: { containers: Program[] }
  status?: { phase?: string; containerStatuses?: object[] }
}

/** A container as the API server has it. */
export interface Program {
  name: string
  args?: string[]
  env?: { name: string; value?: string }[]
}

/** Runs the program of a Job’s pod; the exit code. */
export type Runner = (program: Program) => Promise<number>

/** By component and model; every other pod ends well. */
const runners = new Map<string, Runner>()
const keyOf = (component: string, model: string): string => `${component} ${model}`

export const runSmoke = (model: string, runner: Runner): unknown => runners.set(keyOf(smokeComponent, model), runner)
export const runCopy = (model: string, runner: Runner): unknown =>
  runners.set(keyOf(weightsCopyComponent, model), runner)

/** From now on they end well again. */
export function runNothing(model: string): void {
  for (const component of [smokeComponent, weightsCopyComponent]) runners.delete(keyOf(component, model))
}

/** What is written in the manifest; values of Secrets are not here. */
export const variables = ({ env = [] }: Program): Record<string, string> =>
  Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))

const started = new Set<string>()

/** Once over all pods of Jobs that run. One whose program takes long does not hold the others back. */
export async function endJobPods(controlPlane: ControlPlane): Promise<void> {
  const selector = `${labels.component} in (${smokeComponent},${weightsCopyComponent})`
  for (const pod of await controlPlane.list<Pod>('pods', '--namespace', 'models', '--selector', selector)) {
    const { name } = pod.metadata
    if (pod.status?.phase !== 'Running' || started.has(name)) continue
    started.add(name)
    void end(controlPlane, pod).catch((error: unknown) => console.log(`pod ${name}: ${String(error)}`))
  }
}

async function end(controlPlane: ControlPlane, { metadata, spec, status }: Pod): Promise<void> {
  const { [labels.component]: component = '', [labels.name]: model = '' } = metadata.labels
  const [program] = spec.containers
  const runner = runners.get(keyOf(component, model))
  const exitCode = runner === undefined || program === undefined ? 0 : await runner(program)
  const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const terminated = { exitCode, finishedAt, startedAt: finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' }
  const ended = {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: (status?.containerStatuses ?? []).map((one) => ({
      ...one,
      ready: false,
      started: false,
      state: { terminated },
    })),
  }
  await controlPlane.writePodStatus(metadata.name, ended)
}
