// The Service of a model. Its annotations are the discovery contract: the gateway learns everything about a model from them.
import type { Chart } from 'cdk8s'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { modelAnnotations, namespaces, ports } from '../../schema/contract.ts'
import { service } from '../kinds.ts'
import { selectorLabels } from './labels.ts'

/** The gateway gives up on a first token after this, unless the model's slo says otherwise. */
const firstTokenSeconds = 120

/** Facts the gateway needs beyond names; JSON with sorted keys, so that equal facts are equal bytes. */
function spec({ settings, engine, maxModelLen, scaling, cost }: ModelPlan): string {
  const generative = settings.task === 'text-generation' || settings.task === 'image-text-to-text'
  return JSON.stringify({
    // Requests of one conversation to the replica that has its prefix in the cache; nothing to gain with one replica.
    affinity: generative && engine.hasKvCache && scaling.maxReplicas > 1 ? 'prefix' : 'none',
    maxModelLen,
    maxOutput: generative ? maxModelLen : 0,
    minReplicas: scaling.minReplicas,
    pricePerHour: Math.round(cost.usdPerHour * 10000) / 10000,
    timeouts: { firstTokenSeconds: settings.slo.timeToFirstTokenSeconds ?? firstTokenSeconds },
  })
}

export function modelService(chart: Chart, model: ModelPlan): void {
  const { name, settings, engine } = model
  const annotations: Record<string, string> = {
    [modelAnnotations.model]: name,
    [modelAnnotations.modelId]: settings.model,
    [modelAnnotations.task]: settings.task,
    [modelAnnotations.engine]: engine.name,
    [modelAnnotations.api]: engine.api,
    [modelAnnotations.spec]: spec(model),
  }
  if (settings.revision !== undefined) annotations[modelAnnotations.revision] = settings.revision
  if (settings.aliases.length > 0) annotations[modelAnnotations.aliases] = JSON.stringify(settings.aliases)
  // Absent means every tenant.
  if (settings.tenants !== undefined) annotations[modelAnnotations.tenants] = JSON.stringify(settings.tenants)
  const labels = selectorLabels(name)
  service(chart, { name, namespace: namespaces.models, labels, annotations, selector: labels, ports: [ports.model] })
}
