// Argo CD Applications. Every option stands here once, with its reason. None has a sync wave: the root Application would
// wait until everything in an earlier wave is Healthy, so a Hub token that nobody has filled in yet would keep the gateway
// and every new model away (seen on Argo CD 3.5.3). Each Application tolerates any order and retries instead.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import { argo } from '../../schema/contract.ts'

type Spec = NonNullable<IApplication['spec']>

export interface ApplicationInput {
  name: string
  project: string
  /** Namespace of objects that name none. */
  namespace: string
  source: Spec['sources'] extends (infer S)[] | undefined ? S : never
  /** Deleting the Application deletes its objects: right for a model (its GPU must be freed), wrong for a controller. */
  cascade: boolean
  ignoreDifferences: NonNullable<Spec['ignoreDifferences']>
  syncOptions: readonly string[]
}

/** For every Application. */
const syncOptions = [
  // Fields of other owners (autoscalers, webhooks) survive; large CRDs fit, since no last-applied annotation is written.
  'ServerSideApply=true',
  // What is new is healthy before what is old goes.
  'PruneLast=true',
  // A thousand Applications: touch only what changed.
  'ApplyOutOfSyncOnly=true',
  // Two Applications that claim one object are a mistake; without this the last one wins.
  'FailOnSharedResource=true',
  // ignoreDifferences alone only hides a difference; a sync would still overwrite it.
  'RespectIgnoreDifferences=true',
]

/** Add-ons render custom resources whose definitions come in the same sync or with another add-on. */
export const tolerateMissingKinds = 'SkipDryRunOnMissingResource=true'

export function application(input: ApplicationInput): IApplication {
  const { name, project, namespace, source, cascade, ignoreDifferences } = input
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: argo.namespace,
      annotations: {
        // Differences as the API server sees them, with its defaults.
        'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
        // A commit elsewhere in the repository does not invalidate this Application's cache.
        ...(source.path === undefined ? {} : { 'argocd.argoproj.io/manifest-generate-paths': '.' }),
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
        // Without end: what an Application waits for (a namespace, a definition) may come late, and Argo CD gives up for good on
        // a commit whose retries are used up. `refresh` takes a newer commit into account instead of retrying a broken one.
        retry: { limit: -1, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
        syncOptions: [...syncOptions, ...input.syncOptions],
      },
      ...(ignoreDifferences.length > 0 ? { ignoreDifferences } : {}),
    },
  }
}
