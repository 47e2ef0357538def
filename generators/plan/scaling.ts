// How many replicas a model has: fixed, or what its autoscaler orders by which measure.
import type { Engine } from '../engines/engine.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'

export interface ScalingPlan {
  scaling: ModelPlan['scaling']
  derivations(): Record<string, Derivation>
}

/**
 * Requests that the gateway holds are measured like those in an engine, so that four of them wake one replica and not four. A
 * share of the KV cache says nothing about requests: then it is the engine’s own target.
 */
const waitingPerReplica = (target: Engine['defaultTarget'], { defaultTarget }: Engine): number =>
  target.metric === 'kvCacheUsage' ? defaultTarget.value : target.value

export function planScaling({ settings: { scaling }, engine, version, name }: ValidModel): ScalingPlan {
  const target = scaling.target ?? engine.defaultTarget
  const query = (version.metrics[target.metric]?.query ?? '').replaceAll('$MODEL', name)
  const waiting = waitingPerReplica(target, engine)
  return {
    scaling: {
      autoscaled: scaling.minReplicas !== scaling.maxReplicas,
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      target: { ...target, query },
      waitingPerReplica: waiting,
      idleAfterSeconds: scaling.idleAfterSeconds,
    },
    derivations: () => ({
      scalingQuery: {
        value: query,
        because: `${engine.name}'s ${target.metric}, ${target.value} per replica`,
        assumptions: [],
      },
      ...(scaling.minReplicas > 0
        ? {}
        : {
            waking: {
              value: `${waiting} requests`,
              because: `one request that waits at the gateway starts a replica, and more than ${waiting} start another`,
              assumptions: [],
            },
          }),
    }),
  }
}
