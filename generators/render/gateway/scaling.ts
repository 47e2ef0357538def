// How many gateway pods there are, and how many may go at once.
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { Gateway } from '../../schema/gateway.ts'
import { gatewayLabels, gatewayMetadata, gatewayName } from './names.ts'

export const autoscaler = ({ replicas }: Gateway): IHorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: gatewayMetadata(),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: gatewayName },
    minReplicas: replicas.min,
    maxReplicas: replicas.max,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: replicas.targetCpuPercent } },
      },
    ],
    behavior: {
      // A pod that goes drains for minutes; a short pause is no reason to lose it.
      scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
    },
  },
})

export const gatewayBudget = (): IPodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: gatewayMetadata(),
  spec: { maxUnavailable: 1, selector: { matchLabels: gatewayLabels } },
})
