// Which Applications there are: one per rendered folder, one per add-on.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import type { Addon } from '../../schema/addon.ts'
import { argo, namespaces } from '../../schema/contract.ts'
import { modelApp } from '../model/render-model.ts'
import { application, tolerateMissingKinds } from './application.ts'

const directory = ({ cluster }: ClusterPlan, app: string) => ({
  repoURL: cluster.gitops.repoUrl,
  targetRevision: cluster.gitops.revision,
  path: `clusters/${cluster.name}/rendered/${app}`,
})

export const modelApplication = (plan: ClusterPlan, { name }: ModelPlan): IApplication =>
  application({
    name: modelApp(name),
    project: argo.projects.models,
    namespace: namespaces.models,
    source: directory(plan, modelApp(name)),
    cascade: true,
    // Always, not only when autoscaled: taking the field away from a fixed Deployment would otherwise drop it to one replica.
    ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }],
    syncOptions: [],
  })

/** Folders of our own beside the models. */
export const platformFolders = [
  { app: 'namespaces', namespace: 'kube-system' },
  { app: 'secrets', namespace: namespaces.gateway },
  { app: 'node-pools', namespace: 'kube-system' },
  { app: 'monitoring', namespace: namespaces.monitoring },
  { app: 'edge', namespace: namespaces.edge },
  { app: 'tenants', namespace: namespaces.gateway },
  { app: 'gateway', namespace: namespaces.gateway },
] as const

export const platformApplication = (
  plan: ClusterPlan,
  { app, namespace }: (typeof platformFolders)[number],
): IApplication =>
  application({
    name: app,
    project: argo.projects.platform,
    namespace,
    source: directory(plan, app),
    cascade: false,
    // The gateway's replicas belong to its autoscaler.
    ignoreDifferences:
      app === 'gateway' ? [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }] : [],
    // Custom resources may arrive before the add-on that defines them; the retry brings them in.
    syncOptions: [tolerateMissingKinds],
  })

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
        ...(addon.values === undefined ? {} : { valuesObject: addon.values }),
      },
    },
    cascade: false,
    ignoreDifferences: addon.ignoreDifferences ?? [],
    syncOptions: [tolerateMissingKinds],
  })
