// The Deployment of a model.
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IIoK8sApiCoreV1PodSpec } from 'kubernetes-models/v1/PodSpec'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import {
  gpu,
  namespaces,
  nodePoolLabel,
  replicasAnnotation,
  serviceAccounts,
  weightsAnnotation,
} from '../../schema/contract.ts'
import type { Image } from '../../schema/gateway.ts'
import { podSecurityContext } from '../security.ts'
import { engineContainer } from './engine-container.ts'
import { fetchContainer } from './fetch-container.ts'
import { selectorLabels } from './labels.ts'
import { volumes } from './volumes.ts'

/** Karpenter's label for how a node is bought. */
const capacityType = 'karpenter.sh/capacity-type'

function placement(model: ModelPlan): Partial<IIoK8sApiCoreV1PodSpec> {
  const nodeSelector = { [nodePoolLabel]: model.nodePool }
  if (model.gpu === undefined) return { nodeSelector }
  return {
    nodeSelector,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: capacityType, operator: 'In', values: model.gpu.capacity }] },
          ],
        },
      },
    },
    tolerations: [{ ...gpu.taint, operator: 'Equal' }],
  }
}

/** Replicas in different zones where that is possible; never a reason to wait for a GPU. */
const spread = (name: string): IIoK8sApiCoreV1PodSpec['topologySpreadConstraints'] => [
  {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(name) },
  },
]

const podSpec = (model: ModelPlan, modelServer: Image): IIoK8sApiCoreV1PodSpec => ({
  serviceAccountName: serviceAccounts.model.name,
  // The engine never talks to the Kubernetes API.
  automountServiceAccountToken: false,
  // Service variables of a hundred models slow the start and leak names.
  enableServiceLinks: false,
  securityContext: podSecurityContext(),
  terminationGracePeriodSeconds: model.rollout.terminationGraceSeconds,
  ...placement(model),
  ...(model.scaling.maxReplicas > 1 ? { topologySpreadConstraints: spread(model.name) } : {}),
  // An engine that streams reads everything by itself.
  ...(model.weights.streamed ? {} : { initContainers: [fetchContainer(model, modelServer)] }),
  containers: [engineContainer(model)],
  volumes: volumes(model),
})

export function deployment(model: ModelPlan, modelServer: Image): IDeployment {
  const { name, scaling, rollout, weights } = model
  const labels = selectorLabels(name)
  const annotations = {
    ...(scaling.autoscaled ? { [replicasAnnotation.name]: replicasAnnotation.autoscaled } : {}),
    ...(weights.store === undefined ? {} : { [weightsAnnotation]: weights.store.address }),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: namespaces.models,
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      // Autoscaled: the number belongs to KEDA, and a number here would be fought over.
      ...(scaling.autoscaled ? {} : { replicas: scaling.minReplicas }),
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: rollout.progressDeadlineSeconds,
      selector: { matchLabels: labels },
      strategy: {
        type: 'RollingUpdate',
        // Without a spare GPU a surging pod would wait forever beside the one that holds it.
        rollingUpdate: rollout.surge ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 },
      },
      template: { metadata: { labels }, spec: podSpec(model, modelServer) },
    },
  }
}
