// Which models differ from Git although Git did not change: somebody edited or deleted an object, and Argo CD has not healed it.
import { isDeepStrictEqual } from 'node:util'
import { gitWatchName } from '../discovery/contract.ts'

interface ResourceStatus {
  group?: string
  kind: string
  namespace?: string
  name: string
  status?: string
  requiresPruning?: boolean
}

interface Source {
  chart?: string
  path?: string
  name?: string
}

/** The part of an Argo CD Application that is read here. */
export interface Application {
  metadata: { name: string; deletionTimestamp?: string }
  spec: {
    project?: string
    source?: Source
    syncPolicy?: { automated?: { selfHeal?: boolean }; syncOptions?: string[] }
  }
  operation?: object
  status?: {
    sync?: { status?: string }
    operationState?: {
      phase?: string
      operation?: { initiatedBy?: { username?: string } }
      syncResult?: { revision?: string; source?: object }
    }
    resources?: ResourceStatus[]
  }
}

export interface Drift {
  name: string
  /** The commit that was synced last. */
  revision: string
  resources: { group: string; kind: string; namespace?: string; name: string }[]
  syncOptions: string[]
}

/** Windows are of this project; the rest of the cluster Argo CD heals at any hour. */
const projectWithWindows = 'models'

/**
 * Undefined: nothing to heal. The source of a model’s Application names the content of its folder, so an equal source means that what
 * differs is no commit: a commit is a rollout, and that is what a window holds back. `seenSynced` is the source with which the Application
 * was last seen Synced: it may become another one without a sync, when only the name is new.
 */
export function driftOf({ metadata, spec, operation, status }: Application, seenSynced?: object): Drift | undefined {
  const { syncResult, phase, operation: last } = status?.operationState ?? {}
  if (spec.project !== projectWithWindows || status?.sync?.status !== 'OutOfSync' || operation !== undefined)
    return undefined
  // A sync of Argo CD’s that failed is retried by it, or waits for a commit; one of ours is tried again.
  if (phase !== 'Succeeded' && last?.initiatedBy?.username !== gitWatchName) return undefined
  if (spec.syncPolicy?.automated?.selfHeal !== true || metadata.deletionTimestamp !== undefined) return undefined
  const isLast = [syncResult?.source, seenSynced].some((source) => isDeepStrictEqual(source, spec.source))
  if (syncResult?.revision === undefined || !isLast) return undefined
  const drifted = (status.resources ?? []).filter((one) => one.status === 'OutOfSync' && one.requiresPruning !== true)
  if (drifted.length === 0) return undefined
  return {
    name: metadata.name,
    revision: syncResult.revision,
    resources: drifted.map(({ group = '', kind, namespace, name }) => ({
      group,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
    })),
    syncOptions: spec.syncPolicy.syncOptions ?? [],
  }
}
