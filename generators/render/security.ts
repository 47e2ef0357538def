// What Pod Security `restricted` asks of every pod of ours, and the user they run as.
import type { IIoK8sApiCoreV1PodSecurityContext } from 'kubernetes-models/v1/PodSecurityContext'
import type { IIoK8sApiCoreV1SecurityContext } from 'kubernetes-models/v1/SecurityContext'
import { podUserId } from '../schema/contract.ts'

/** fsGroup makes emptyDirs writable for the user. */
export const podSecurityContext = (): IIoK8sApiCoreV1PodSecurityContext => ({
  runAsNonRoot: true,
  runAsUser: podUserId,
  runAsGroup: podUserId,
  fsGroup: podUserId,
  seccompProfile: { type: 'RuntimeDefault' },
})

export const containerSecurityContext = (): IIoK8sApiCoreV1SecurityContext => ({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
})
