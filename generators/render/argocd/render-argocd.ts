// The folder that the root Application reads: projects, and every child Application.
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'
import { addonApplication, modelApplication, type PlatformFolder, platformApplication } from './applications.ts'
import { contentMark } from './content-mark.ts'
import { emptyDefaultProject, modelsProject, platformProject } from './projects.ts'

const folder = (plan: ClusterPlan, source: string) => ({ cluster: plan.cluster.name, app: 'argocd', source })

/** `content`: the texts of the files in the folder that the Application reads. */
export const renderModelApplication = (plan: ClusterPlan, model: ModelPlan, content: readonly string[]): Manifest[] =>
  tree(folder(plan, model.source.path), (chart) =>
    apiObject(chart, modelApplication(plan, model, contentMark(content))),
  )

export const renderPlatformApplication = (
  plan: ClusterPlan,
  one: PlatformFolder,
  content: readonly string[],
): Manifest[] =>
  tree(folder(plan, plan.source.path), (chart) =>
    apiObject(chart, platformApplication(plan, one, contentMark(content))),
  )

/** Projects and add-ons: what reads no folder of this repository. */
export const renderArgocd = (plan: ClusterPlan): Manifest[] => [
  ...tree(folder(plan, plan.source.path), (chart) => {
    for (const project of [platformProject(plan), modelsProject(plan), emptyDefaultProject()]) apiObject(chart, project)
  }),
  ...plan.addons.flatMap(({ addon, source }) =>
    tree(folder(plan, source.path), (chart) => apiObject(chart, addonApplication(addon))),
  ),
]
