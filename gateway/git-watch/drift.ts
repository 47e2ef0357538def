// Which Applications differ from Git although Git did not change: somebody edited or deleted an object, and Argo CD has not healed it.
import { isDeepStrictEqual } from 'node:util'

interface ResourceStatus {
  group?: string
  kind: string
  namespace?: string
  name: string
  status?: string
  requiresPruning?: boolean
}

/** The part of an Argo CD Application that is read here. */
export interface Application {
  metadata: { name: string; deletionTimestamp?: string }
  spec: {
    source?: { chart?: string; path?: string; name?: string }
    syncPolicy?: { automated?: { selfHeal?: boolean }; syncOptions?: string[] }
  }
  operation?: object
  status?: {
    sync?: { status?: string }
    operationState?: { phase?: string; syncResult?: { revision?: string; source?: object } }
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

/**
 * Undefined: nothing to heal. The source of an Application names the content of its folder, so an equal source means that what
 * differs is no commit: a commit is a rollout, and that is what a window holds back.
 */
export function driftOf({ metadata, spec, operation, status }: Application): Drift | undefined {
  const { syncResult, phase } = status?.operationState ?? {}
  if (status?.sync?.status !== 'OutOfSync' || operation !== undefined || phase !== 'Succeeded') return undefined
  if (spec.syncPolicy?.automated?.selfHeal !== true || metadata.deletionTimestamp !== undefined) return undefined
  if (syncResult?.revision === undefined || !isDeepStrictEqual(spec.source, syncResult.source)) return undefined
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
