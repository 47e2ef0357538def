// Which Applications there are: one per rendered folder, one per add-on.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import type { Addon } from '../../schema/addon.ts'
import { argo, namespaces } from '../../schema/contract.ts'
import { modelApp } from '../model/render-model.ts'
import { application, pruneLast, tolerateMissingKinds } from './application.ts'

const directory = ({ cluster }: ClusterPlan, app: string, content: string) => ({
  repoURL: cluster.gitops.repoUrl,
  targetRevision: cluster.gitops.revision,
  path: `clusters/${cluster.name}/rendered/${app}`,
  name: content,
})

/** They belong to an autoscaler. */
const replicas = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }

export const modelApplication = (plan: ClusterPlan, { name, scaling }: ModelPlan, content: string): IApplication =>
  application({
    name: modelApp(name),
    project: argo.projects.models,
    namespace: namespaces.models,
    source: directory(plan, modelApp(name), content),
    cascade: true,
    // Synth writes every field that has no plain default, and there are many of them.
    serverSideDiff: false,
    cachedElsewhere: true,
    // A fixed number is Git's.
    ignoreDifferences: scaling.autoscaled ? [replicas] : [],
    syncOptions: [],
  })

/** A folder of our own beside the models; `namespace` is that of objects which name none. */
export interface PlatformFolder {
  app: string
  namespace: string
  /** Custom resources whose definitions give defaults to items of lists: only the API server can compare them. */
  defaultsInLists?: boolean
}

export const platformApplication = (
  plan: ClusterPlan,
  { app, namespace, defaultsInLists = false }: PlatformFolder,
  content: string,
): IApplication =>
  application({
    name: app,
    project: argo.projects.platform,
    namespace,
    source: directory(plan, app, content),
    cascade: false,
    serverSideDiff: defaultsInLists,
    ignoreDifferences: app === 'gateway' ? [replicas] : [],
    // Custom resources may arrive before the add-on that defines them; the retry brings them in.
    syncOptions: [tolerateMissingKinds],
  })

/**
 * As an object where that says the same. Argo CD drops a null from an object (argoproj/argo-cd#16312, #19781), and Helm drops a
 * chart’s default by it; so values that hold one are text, of which JSON is the simplest.
 */
function helmValues(values: Addon['values']): { valuesObject: object } | { values: string } | object {
  if (values === undefined) return {}
  return holdsNull(values) ? { values: `${JSON.stringify(values, null, 2)}\n` } : { valuesObject: values }
}

const holdsNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(holdsNull))

export const addonApplication = (addon: Addon): IApplication =>
  application({
    name: addon.name,
    project: argo.projects.platform,
    namespace: addon.namespace,
    source: {
      repoURL: addon.repoURL,
      chart: addon.chart,
      targetRevision: addon.version,
      // Values inline: the pull request shows them.
      helm: {
        releaseName: addon.name,
        ...(addon.skipCrds === true ? { skipCrds: true } : {}),
        ...helmValues(addon.values),
      },
    },
    cascade: false,
    serverSideDiff: true,
    ignoreDifferences: addon.ignoreDifferences ?? [],
    syncOptions: [pruneLast, tolerateMissingKinds],
  })
