// The Job that copies a model’s weights into the cluster’s bucket before anything else of the model is applied: no GPU node is asked for
// until they are there. A copy that is there ends it at once, so it runs at every sync.
import type { IJob } from 'kubernetes-models/batch/v1/Job'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import {
  cpuNodePool,
  labels,
  namespaces,
  nodePoolLabel,
  partOf,
  serviceAccounts,
  weightsCopyComponent,
} from '../../schema/contract.ts'
import type { Image } from '../../schema/gateway.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'
import { hashArgs, hubArgs, hubEnvironment } from './fetch-container.ts'

/** A slow Hub is waited for; a copy that hangs must not hold back the next commit. */
const deadline = (bytes: number): number => 3600 + Math.ceil(bytes / 20e6)

/**
 * A hook and no plain Job: it is made anew at each sync, so one that failed is tried again, and one of an older revision is never
 * left. What succeeded is gone at once.
 */
const hook = {
  'argocd.argoproj.io/hook': 'PreSync',
  'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation,HookSucceeded',
}

export function copyJob(model: ModelPlan, modelServer: Image): IJob | undefined {
  const { name, settings, lock, weights } = model
  if (weights.store === undefined) return undefined
  const fromHub = !settings.model.startsWith('s3://')
  const own = { [labels.name]: name, [labels.component]: weightsCopyComponent, [labels.partOf]: partOf }
  const container = {
    name: 'copy',
    image: imageReference(modelServer),
    args: [
      'copy',
      ...(fromHub ? hubArgs(model) : [`--model=${settings.model}`]),
      `--store=${weights.store.place}`,
      ...hashArgs(model),
    ],
    env: [{ name: 'AWS_REGION', value: weights.store.region }, ...(fromHub ? hubEnvironment(model) : [])],
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
    securityContext: containerSecurityContext(),
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `copy-${name}`, namespace: namespaces.models, labels: own, annotations: hook },
    spec: {
      backoffLimit: 4,
      activeDeadlineSeconds: deadline(lock.weightBytes),
      ttlSecondsAfterFinished: 86_400,
      template: {
        metadata: { labels: own },
        spec: {
          serviceAccountName: serviceAccounts.weightsCopy.name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          restartPolicy: 'OnFailure',
          nodeSelector: { [nodePoolLabel]: cpuNodePool },
          securityContext: podSecurityContext(),
          containers: [container],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
        },
      },
    },
  }
}
