// KEDA's ScaledObject: more replicas on the engine's metric, the first one on requests that wait at the gateway.
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { namespaces, prometheusUrl, waitingRequestsMetric } from '../../schema/contract.ts'
import { selectorLabels } from './labels.ts'

/** A replica costs minutes to start, so it is not given up at the first pause. */
const scaleDownWindowSeconds = 300

/** `activationThreshold` wakes from zero, whatever the threshold is: one request is enough, and orders one pod. */
const prometheus = (query: string, threshold: number) => ({
  type: 'prometheus',
  metricType: 'AverageValue' as const,
  metadata: {
    serverAddress: prometheusUrl,
    query,
    threshold: String(threshold),
    activationThreshold: '0',
    // No series means no replica yet; an error would keep the last count for ever.
    ignoreNullValues: 'true',
  },
})

export function scaledObject({ name, scaling }: ModelPlan): IScaledObject {
  const waking = prometheus(`sum(${waitingRequestsMetric}{model="${name}"})`, scaling.waitingPerReplica)
  const idle = scaling.minReplicas === 0
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, namespace: namespaces.models, labels: selectorLabels(name) },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      pollingInterval: 15,
      ...(idle ? { cooldownPeriod: scaling.idleAfterSeconds } : {}),
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
      triggers: [prometheus(scaling.target.query, scaling.target.value), ...(idle ? [waking] : [])],
    },
  }
}
