// The Job that asks a model after its rollout. A plain object of the Application and no hook of Argo CD: hooks count for a sync and never for
// health (gitops-engine pkg/health), and a sync that waits for one takes no newer commit meanwhile, so a rollback would wait too.

import { createHash } from 'node:crypto'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IJob } from 'kubernetes-models/batch/v1/Job'
import { failures } from '../../../gateway/smoke/outcome.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import {
  labels,
  namespaces,
  originSecretFolder,
  partOf,
  ports,
  secrets,
  serviceAccounts,
  smokeComponent,
} from '../../schema/contract.ts'
import type { Image } from '../../schema/gateway.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'

/** The model’s fault, which no other try changes. */
const failureCodes = Object.values(failures).map(({ code }) => code)

/** Beyond the rollout and the start of a model that sleeps. */
const marginSeconds = 600

/** What makes another rollout: the Job is made anew with it. */
const rolledBy = ({ spec }: IDeployment): string =>
  createHash('sha256').update(JSON.stringify(spec?.template)).digest('hex').slice(0, 12)

export function smokeJob(model: ModelPlan, deployment: IDeployment, gateway: Image): IJob {
  const { name, smoke, rollout } = model
  const seconds = rollout.progressDeadlineSeconds + smoke.wakeSeconds
  const ownLabels = { [labels.name]: name, [labels.component]: smokeComponent, [labels.partOf]: partOf }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-smoke`,
      namespace: namespaces.models,
      labels: ownLabels,
      // Most of a Job cannot be changed.
      annotations: { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' },
    },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: seconds + marginSeconds,
      podFailurePolicy: {
        rules: [
          // A node that goes is nobody’s fault.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'smoke', operator: 'In', values: failureCodes } },
        ],
      },
      template: {
        metadata: { labels: ownLabels, annotations: { 'slipway.dev/rolled-by': rolledBy(deployment) } },
        spec: {
          serviceAccountName: serviceAccounts.smoke.name,
          // It reads its model’s Deployment, to know when the rollout is over.
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          restartPolicy: 'Never',
          securityContext: podSecurityContext(),
          containers: [
            {
              name: 'smoke',
              image: imageReference(gateway),
              args: ['/app/smoke.mjs'],
              env: [
                { name: 'GATEWAY_URL', value: `http://gateway.${namespaces.gateway}.svc:${ports.gateway.number}` },
                { name: 'ORIGIN_SECRET_FOLDER', value: originSecretFolder },
                { name: 'POD_NAMESPACE', value: namespaces.models },
                { name: 'SMOKE', value: JSON.stringify(smoke) },
                { name: 'SMOKE_SECONDS', value: String(seconds) },
              ],
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              securityContext: containerSecurityContext(),
              volumeMounts: [{ name: secrets.smokeOrigin.name, mountPath: originSecretFolder, readOnly: true }],
            },
          ],
          volumes: [{ name: secrets.smokeOrigin.name, secret: { secretName: secrets.smokeOrigin.name } }],
        },
      },
    },
  }
}
