// The folder of one model: Deployment, Service, NetworkPolicy, PodDisruptionBudget, PrometheusRule, the Jobs of its smoke test and of the copy of its weights and, when autoscaled, ScaledObject.
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import type { Images } from '../../schema/gateway.ts'
import { modelAlerts } from '../alerts/model-alerts.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'
import { copyJob } from './copy-job.ts'
import { deployment } from './deployment.ts'
import { disruptionBudget, networkPolicy } from './policies.ts'
import { scaledObject } from './scaled-object.ts'
import { modelService } from './service.ts'
import { smokeJob } from './smoke-job.ts'

export const modelApp = (name: string): string => `model-${name}`

export const renderModel = (model: ModelPlan, cluster: Cluster, images: Images): Manifest[] =>
  tree({ cluster: cluster.name, app: modelApp(model.name), source: model.source.path }, (chart) => {
    const copy = copyJob(model, images.modelServer)
    if (copy !== undefined) apiObject(chart, copy)
    const pods = deployment(model, images.modelServer)
    apiObject(chart, pods)
    apiObject(chart, smokeJob(model, pods, images.gateway))
    modelService(chart, model)
    apiObject(chart, networkPolicy(model))
    apiObject(chart, disruptionBudget(model))
    apiObject(chart, modelAlerts(model, cluster))
    if (model.scaling.autoscaled) apiObject(chart, scaledObject(model))
  })
