// Folder `weights`: who may copy weights into the cluster’s bucket, and the daily sweep of those that no model uses any more.
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import {
  labels,
  namespaces,
  nodePoolLabel,
  partOf,
  serviceAccounts,
  systemNodePool,
  weightsCopyComponent,
  weightsSweepComponent,
} from '../../schema/contract.ts'
import { imageReference } from '../image-reference.ts'
import { role, serviceAccount } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { apiServerEgress, dnsEgress, internetEgress, nobody, podIdentityEgress, s3Egress } from '../network.ts'
import { pullSecretOf } from '../pull-secret.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'
import { apiObject, tree } from '../tree.ts'

const ownLabels = (component: string) => ({ [labels.component]: component, [labels.partOf]: partOf })

type Egress = NonNullable<NonNullable<INetworkPolicy['spec']>['egress']>

const policy = (name: string, component: string, egress: Egress): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: namespaces.models, labels: ownLabels(component) },
  spec: {
    podSelector: { matchLabels: { [labels.component]: component } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [nobody] }],
    egress,
  },
})

/** The kubelet puts the certificate of the API server there. */
const apiServerCertificate = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'

const sweep = ({ cluster, infra, images }: ClusterPlan): ICronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { ...serviceAccounts.weightsSweep, labels: ownLabels(weightsSweepComponent) },
  spec: {
    schedule: '17 3 * * *',
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 1,
    jobTemplate: {
      metadata: { labels: ownLabels(weightsSweepComponent) },
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: 3600,
        template: {
          metadata: { labels: ownLabels(weightsSweepComponent) },
          spec: {
            serviceAccountName: serviceAccounts.weightsSweep.name,
            // It reads Deployments.
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            restartPolicy: 'OnFailure',
            nodeSelector: { [nodePoolLabel]: systemNodePool },
            securityContext: podSecurityContext(),
            containers: [
              {
                name: 'sweep',
                image: imageReference(images.images.modelServer),
                args: [
                  'sweep',
                  `--bucket=${infra.weightsBucket}`,
                  `--namespace=${namespaces.models}`,
                  `--keep-days=${cluster.weights.keepDays}`,
                ],
                env: [
                  { name: 'AWS_REGION', value: cluster.region },
                  { name: 'NODE_EXTRA_CA_CERTS', value: apiServerCertificate },
                ],
                resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
                securityContext: containerSecurityContext(),
              },
            ],
          },
        },
      },
    },
  },
})

/** Empty in a cluster whose weights come from the Hub. */
export const renderWeights = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'weights', source: plan.source.path }, (chart) => {
    const { cluster, infra } = plan
    if (cluster.weights.source !== 's3' || infra.weightsBucket === undefined) return
    const { weightsCopy, weightsSweep } = serviceAccounts
    const accounts = { automountToken: false, pullSecret: pullSecretOf(plan) }
    serviceAccount(chart, { ...weightsCopy, labels: ownLabels(weightsCopyComponent) }, accounts)
    serviceAccount(chart, { ...weightsSweep, labels: ownLabels(weightsSweepComponent) }, accounts)
    role(chart, {
      ...weightsSweep,
      labels: ownLabels(weightsSweepComponent),
      rules: [{ group: 'apps', resources: ['deployments'], verbs: ['list'] }],
      subject: weightsSweep,
    })
    const s3 = s3Egress(infra.s3Cidrs ?? [])
    const hub = [internetEgress(cluster.mirrors.cidrs), podIdentityEgress()]
    apiObject(chart, policy(weightsCopy.name, weightsCopyComponent, [dnsEgress(), ...hub]))
    apiObject(chart, policy(weightsSweep.name, weightsSweepComponent, [dnsEgress(), ...s3, apiServerEgress(plan)]))
    apiObject(chart, sweep(plan))
  })
