// The folder of one model: Deployment, Service, NetworkPolicy, PodDisruptionBudget and, when autoscaled, ScaledObject.
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { Image } from '../../schema/gateway.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'
import { deployment } from './deployment.ts'
import { disruptionBudget, networkPolicy } from './policies.ts'
import { scaledObject } from './scaled-object.ts'
import { modelService } from './service.ts'

export const modelApp = (name: string): string => `model-${name}`

export const renderModel = (model: ModelPlan, cluster: string, modelServer: Image): Manifest[] =>
  tree({ cluster, app: modelApp(model.name), source: model.source.path }, (chart) => {
    apiObject(chart, deployment(model, modelServer))
    modelService(chart, model)
    apiObject(chart, networkPolicy(model))
    apiObject(chart, disruptionBudget(model))
    if (model.scaling.autoscaled) apiObject(chart, scaledObject(model))
  })
