// How many replicas a model has: fixed, or what its autoscaler orders by which measure.
import type { Engine } from '../engines/engine.ts'
import { readAwakeCron } from '../schema/awake-cron.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'
import { usedQuery } from './used-query.ts'

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

/** The rules have read each expression before. */
const awakeWindows = ({ schedule }: ValidModel['settings']['scaling']): ModelPlan['scaling']['awake'] =>
  schedule.flatMap(({ cron, timeZone, minReplicas }) => {
    const windows = readAwakeCron(cron)
    return typeof windows === 'string' ? [] : windows.map((window) => ({ ...window, timeZone, minReplicas }))
  })

export function planScaling({ settings: { scaling }, engine, version, name }: ValidModel): ScalingPlan {
  const { minReplicas, maxReplicas, idleAfterSeconds } = scaling
  const target = scaling.target ?? engine.defaultTarget
  const query = (version.metrics[target.metric]?.query ?? '').replaceAll('$MODEL', name)
  const waiting = waitingPerReplica(target, engine)
  return {
    scaling: {
      autoscaled: minReplicas !== maxReplicas,
      minReplicas,
      maxReplicas,
      target: { ...target, query },
      waitingPerReplica: waiting,
      idleAfterSeconds,
      ...(idleAfterSeconds === undefined ? {} : { usedQuery: usedQuery(name, idleAfterSeconds) }),
      awake: awakeWindows(scaling),
    },
    derivations: () => ({
      scalingQuery: {
        value: query,
        because: `${engine.name}'s ${target.metric}, ${target.value} per replica`,
        assumptions: [],
      },
      ...(idleAfterSeconds === undefined
        ? {}
        : {
            usedQuery: {
              value: usedQuery(name, idleAfterSeconds),
              because: `1 while a request waits, runs or was counted within idleAfter (${idleAfterSeconds} s)`,
              assumptions: [],
            },
            waking: {
              value: `${waiting} requests`,
              because: `one request that waits at the gateway starts a replica, and more than ${waiting} start another`,
              assumptions: [],
            },
          }),
    }),
  }
}
