// What a kubelet would do with the pods of Jobs: no program runs in the simulated nodes, so the suite runs a smoke test, or says how
// it ended. Copies of weights end well at once; what they run is run by cases/weights.ts.
import { labels, smokeComponent, weightsCopyComponent } from '../../schema/contract.ts'
import type { ControlPlane } from './control-plane.ts'

interface Pod {
  metadata: { name: string; namespace: string; labels: Record<string, string> }
  spec: { containers: { name: string; env: { name: string; value?: string }[] }[] }
  status?: { phase?: string; containerStatuses?: object[] }
}

/** Ends a smoke test of a model; the exit code. */
export type SmokeRunner = (env: Record<string, string>) => Promise<number>

/** Runners by model; every other smoke test ends well. */
export const smokeRunners = new Map<string, SmokeRunner>()

const ended = new Set<string>()

/** Once over all pods of Jobs that run. */
export async function endJobPods(controlPlane: ControlPlane): Promise<void> {
  const selector = `${labels.component} in (${smokeComponent},${weightsCopyComponent})`
  for (const pod of await controlPlane.list<Pod>('pods', '--namespace', 'models', '--selector', selector)) {
    const { name, labels: own } = pod.metadata
    if (pod.status?.phase !== 'Running' || ended.has(name)) continue
    ended.add(name)
    const [container] = pod.spec.containers
    const env = Object.fromEntries((container?.env ?? []).map((one) => [one.name, one.value ?? '']))
    const runner = own[labels.component] === smokeComponent ? smokeRunners.get(own[labels.name] ?? '') : undefined
    const exitCode = (await runner?.(env)) ?? 0
    const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const terminated = { exitCode, finishedAt, startedAt: finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' }
    const status = {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: (pod.status.containerStatuses ?? []).map((one) => ({
        ...one,
        ready: false,
        started: false,
        state: { terminated },
      })),
    }
    await controlPlane.kubectl(
      'patch',
      'pod',
      name,
      '--namespace',
      'models',
      '--subresource=status',
      '--type=merge',
      '--patch',
      JSON.stringify({ status }),
    )
  }
}
