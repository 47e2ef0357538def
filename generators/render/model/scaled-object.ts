// KEDA's ScaledObject: more replicas on the engine's metric; the first one, and sleep, on what the gateway counts; windows of a schedule.
// What KEDA 2.20 and the HorizontalPodAutoscaler make of it is written down as functions in generators/test/waking/keda.ts.
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { gatewayMetrics, namespaces, pollSeconds, prometheusUrl } from '../../schema/contract.ts'
import { selectorLabels } from './labels.ts'

/** A replica costs minutes to start, so it is not given up at the first pause. */
const scaleDownWindowSeconds = 300

/**
 * How long KEDA waits after it last saw the model used, beside `idleAfter`, which the query holds: a request is seen up to a scrape and a poll
 * after it came, and must find the pod.
 */
const cooldownSeconds = 60

/**
 * While Prometheus is away nothing is scaled: KEDA leaves a count alone whose trigger fails, and so does the HorizontalPodAutoscaler. After this
 * many failures the fallback counts as activity: what runs is kept at its number, and what sleeps wakes, for nobody could ask for it.
 * At a poll of 15 s that is ten minutes, longer than a restart of Prometheus.
 */
const fallbackFailures = 40

type Trigger = IScaledObject['spec']['triggers'][number]

/** `activationThreshold` wakes from zero, whatever the threshold is: one request is enough, and orders one pod. */
const prometheus = (query: string, threshold: number, emptyIsZero = true): Trigger => ({
  type: 'prometheus',
  metricType: 'AverageValue',
  metadata: {
    serverAddress: prometheusUrl,
    query,
    threshold: String(threshold),
    activationThreshold: '0',
    ignoreNullValues: String(emptyIsZero),
  },
})

function triggers({ name, scaling }: ModelPlan): Trigger[] {
  const { target, waitingPerReplica, usedQuery, awake } = scaling
  return [
    // No series means no replica yet.
    prometheus(target.query, target.value),
    ...(usedQuery === undefined
      ? []
      : [
          prometheus(`sum(${gatewayMetrics.waiting}{model="${name}"})`, waitingPerReplica),
          // No series means that nobody was asked: an error, which keeps what runs.
          prometheus(usedQuery, 1, false),
        ]),
    ...awake.map(
      ({ start, end, timeZone, minReplicas }): Trigger => ({
        type: 'cron',
        metricType: 'AverageValue',
        metadata: { timezone: timeZone, start, end, desiredReplicas: String(minReplicas) },
      }),
    ),
  ]
}

export function scaledObject(model: ModelPlan): IScaledObject {
  const { name, scaling } = model
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, namespace: namespaces.models, labels: selectorLabels(name) },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      pollingInterval: pollSeconds,
      ...(scaling.minReplicas === 0 ? { cooldownPeriod: cooldownSeconds } : {}),
      // Never 0 replicas: with that KEDA scales to zero at an error.
      fallback: {
        failureThreshold: fallbackFailures,
        replicas: Math.max(1, scaling.minReplicas),
        behavior: 'currentReplicas',
      },
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: scaleDownWindowSeconds,
              policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
            },
          },
        },
      },
      triggers: triggers(model),
    },
  }
}
