// Argo CD Applications. Every option is here once, with its reason. None has a sync wave: the root Application would
// wait until everything in an earlier wave is Healthy, so a Hub token that nobody has filled in yet would keep the gateway
// and every new model away (seen on Argo CD 3.5.3). Each Application tolerates any order and retries instead.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import { argo, syncRetry } from '../../schema/contract.ts'

type Spec = NonNullable<IApplication['spec']>

export interface ApplicationInput {
  name: string
  project: string
  /** Namespace of objects that name none. */
  namespace: string
  source: Spec['sources'] extends (infer S)[] | undefined ? S : never
  /** Deleting the Application deletes its objects: right for a model (its GPU must be freed), wrong for a controller. */
  cascade: boolean
  /**
   * Asks the API server at each comparison, object by object, what would change: for objects that get fields from webhooks, or
   * defaults inside lists. Without it Argo CD compares in its own memory, for less than half of the CPU.
   */
  serverSideDiff: boolean
  /**
   * A commit that changes nothing in the folder does not make Argo CD read it again. For models, of which there are many: Argo CD lists
   * a moved file by its new path alone (`git diff --name-only`), so a folder that only lost one would stay as it was.
   */
  cachedElsewhere?: boolean
  ignoreDifferences: NonNullable<Spec['ignoreDifferences']>
  syncOptions: readonly string[]
}

/** For every Application. */
const syncOptions = [
  // Fields of other owners (autoscalers, webhooks) survive; large CRDs fit, since no last-applied annotation is written.
  'ServerSideApply=true',
  // A thousand Applications: touch only what changed.
  'ApplyOutOfSyncOnly=true',
  // Two Applications that claim one object are a mistake; without this the last one wins.
  'FailOnSharedResource=true',
  // ignoreDifferences alone only hides a difference; a sync would still overwrite it.
  'RespectIgnoreDifferences=true',
]

/**
 * For charts: what is new is healthy before what is old goes. Not for our own folders: nothing old would go while something new is
 * not Healthy, so a ScaledObject would rule over a model that has become fixed, and an object that moves to another
 * Application would never get there.
 */
export const pruneLast = 'PruneLast=true'

/** Add-ons render custom resources whose definitions come in the same sync or with another add-on. */
export const tolerateMissingKinds = 'SkipDryRunOnMissingResource=true'

export function application(input: ApplicationInput): IApplication {
  const {
    name,
    project,
    namespace,
    source,
    cascade,
    serverSideDiff,
    cachedElsewhere = false,
    ignoreDifferences,
  } = input
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: argo.namespace,
      annotations: {
        'argocd.argoproj.io/compare-options': `ServerSideDiff=${serverSideDiff}`,
        ...(cachedElsewhere ? { 'argocd.argoproj.io/manifest-generate-paths': '.' } : {}),
        // A controller that goes by accident leaves balancers and finalizers behind: a person has to say yes.
        ...(cascade ? {} : { 'argocd.argoproj.io/sync-options': 'Delete=confirm,Prune=confirm' }),
      },
      ...(cascade ? { finalizers: ['resources-finalizer.argocd.argoproj.io'] } : {}),
    },
    spec: {
      project,
      destination: { server: argo.server, namespace },
      source,
      syncPolicy: {
        // allowEmpty stays false: an empty folder never wipes an Application.
        automated: { prune: true, selfHeal: true },
        retry: syncRetry,
        syncOptions: [...syncOptions, ...input.syncOptions],
      },
      ...(ignoreDifferences.length > 0 ? { ignoreDifferences } : {}),
    },
  }
}
