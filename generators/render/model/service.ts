// The Service of a model. Its annotations are the discovery contract: the gateway learns everything about a model from them.
import type { Chart } from 'cdk8s'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { discoveryAnnotations } from '../../plan/discovery.ts'
import { namespaces, ports } from '../../schema/contract.ts'
import { service } from '../kinds.ts'
import { selectorLabels } from './labels.ts'

export function modelService(chart: Chart, model: ModelPlan): void {
  const { name } = model
  const labels = selectorLabels(name)
  service(chart, {
    name,
    namespace: namespaces.models,
    labels,
    annotations: discoveryAnnotations(model),
    selector: labels,
    ports: [ports.model],
  })
}
