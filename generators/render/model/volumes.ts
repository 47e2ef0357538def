// Writable places of a model pod: everything else is read-only.
import type { IIoK8sApiCoreV1Volume } from 'kubernetes-models/v1/Volume'
import type { IIoK8sApiCoreV1VolumeMount } from 'kubernetes-models/v1/VolumeMount'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { modelsPath } from '../../schema/contract.ts'

/**
 * HOME and every cache of the engine. It lives as long as the pod: a container that restarts finds what it compiled, the next pod does not.
 * The namespace’s Pod Security level (restricted) allows no folder of the node, and a disk per model would tie its pods to one zone.
 */
export const cachePath = '/cache'

/** As the API server writes it, so that the live object reads as Git does. */
const mebibytes = (count: number): string => (count % 1024 === 0 ? `${count / 1024}Gi` : `${count}Mi`)

/** Limits make a runaway cache end the pod, not the node. */
export function volumes({ resources, engine }: ModelPlan): IIoK8sApiCoreV1Volume[] {
  const shared = { name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: mebibytes(resources.sharedMemoryMib) } }
  return [
    { name: 'models', emptyDir: { sizeLimit: `${resources.weightsVolumeGib}Gi` } },
    { name: 'cache', emptyDir: { sizeLimit: `${resources.cacheVolumeGib}Gi` } },
    { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
    // The default of 64 MiB is too small for the queues between an engine's processes; it counts in the memory limit.
    ...(engine.needsSharedMemory ? [shared] : []),
  ]
}

export const engineMounts = ({ engine }: ModelPlan): IIoK8sApiCoreV1VolumeMount[] => [
  { name: 'models', mountPath: modelsPath, readOnly: true },
  { name: 'cache', mountPath: cachePath },
  { name: 'tmp', mountPath: '/tmp' },
  ...(engine.needsSharedMemory ? [{ name: 'dshm', mountPath: '/dev/shm' }] : []),
]

export const fetchMounts: IIoK8sApiCoreV1VolumeMount[] = [
  { name: 'models', mountPath: modelsPath },
  { name: 'tmp', mountPath: '/tmp' },
]
