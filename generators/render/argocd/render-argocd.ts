// The folder that the root Application reads: projects, and every child Application.
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'
import { addonApplication, modelApplication, platformApplication, platformFolders } from './applications.ts'
import { emptyDefaultProject, modelsProject, platformProject } from './projects.ts'

const folder = (plan: ClusterPlan, source: string) => ({ cluster: plan.cluster.name, app: 'argocd', source })

export const renderModelApplication = (plan: ClusterPlan, model: ModelPlan): Manifest[] =>
  tree(folder(plan, model.source.path), (chart) => apiObject(chart, modelApplication(plan, model)))

export const renderArgocd = (plan: ClusterPlan): Manifest[] => [
  ...tree(folder(plan, plan.source.path), (chart) => {
    for (const project of [platformProject(plan), modelsProject(plan), emptyDefaultProject()]) apiObject(chart, project)
    for (const one of platformFolders) apiObject(chart, platformApplication(plan, one))
  }),
  ...plan.addons.flatMap(({ addon, source }) =>
    tree(folder(plan, source.path), (chart) => apiObject(chart, addonApplication(addon))),
  ),
]
