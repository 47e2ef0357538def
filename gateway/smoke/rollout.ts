// When the question is about the pods of this commit: until the rollout is over the old ones answer too.
import type { ClusterClient } from '../discovery/cluster-client.ts'

interface Deployment {
  metadata: { generation: number }
  spec: { replicas?: number }
  status?: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    conditions?: { type: string; status: string; reason?: string; lastUpdateTime?: string }[]
  }
}

/** `ready`: ask. `asleep`: nobody rolled it, so it is not woken. `rolling`: wait. */
export type RolloutState = 'ready' | 'asleep' | 'rolling' | 'failed'

/** A model at zero pods that got other pods no longer ago than this was just rolled. */
const justRolledMs = 15 * 60_000

export function rolloutState({ metadata, spec, status = {} }: Deployment, now: number): RolloutState {
  if ((status.observedGeneration ?? 0) < metadata.generation) return 'rolling'
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
  const replicas = spec.replicas ?? 1
  if (replicas === 0) {
    const changedAt = Date.parse(progressing?.lastUpdateTime ?? '')
    return now - changedAt < justRolledMs ? 'ready' : 'asleep'
  }
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'failed'
  const { updatedReplicas = 0, availableReplicas = 0, replicas: there = 0 } = status
  return updatedReplicas >= replicas && availableReplicas >= replicas && there === updatedReplicas ? 'ready' : 'rolling'
}

export async function readDeployment(client: ClusterClient, namespace: string, name: string): Promise<Deployment> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
  const { statusCode, body } = await client.get(path, AbortSignal.timeout(10_000))
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`the API server answers ${statusCode} for ${path}`)
  return JSON.parse(text) as Deployment
}
