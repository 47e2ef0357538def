// Folder `git-watch`: the process that makes Argo CD look at Git every few seconds, and what it may do: nothing but that, and to repeat
// the last sync.
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import {
  argo,
  gitWatchComponent,
  labels,
  nodePoolLabel,
  partOf,
  serviceAccounts,
  systemNodePool,
} from '../../schema/contract.ts'
import { imageReference } from '../image-reference.ts'
import { role, serviceAccount } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { apiServerEgress, nobody } from '../network.ts'
import { pullSecretOf } from '../pull-secret.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'
import { apiObject, tree } from '../tree.ts'
import { watchGuard } from './watch-guard.ts'

const { name, namespace } = serviceAccounts.gitWatch

const ownLabels = { [labels.name]: name, [labels.component]: gitWatchComponent, [labels.partOf]: partOf }
const metadata = { name, namespace, labels: ownLabels }

const deployment = ({ images: { images } }: ClusterPlan): IDeployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: 1,
    revisionHistoryLimit: 3,
    selector: { matchLabels: ownLabels },
    template: {
      metadata: { labels: ownLabels },
      spec: {
        serviceAccountName: name,
        // It patches Applications.
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        // Beside Argo CD: it must run before Karpenter has a node.
        nodeSelector: { [nodePoolLabel]: systemNodePool },
        securityContext: podSecurityContext(),
        terminationGracePeriodSeconds: 30,
        containers: [
          {
            name,
            image: imageReference(images.gateway),
            args: ['/app/git-watch.mjs'],
            env: [
              { name: 'ARGOCD_NAMESPACE', value: argo.namespace },
              { name: 'ROOT_APPLICATION', value: argo.root },
            ],
            resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
            securityContext: containerSecurityContext(),
          },
        ],
      },
    },
  },
})

const networkPolicy = (plan: ClusterPlan): INetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: {
    podSelector: { matchLabels: ownLabels },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [nobody] }],
    // The API server alone.
    egress: [apiServerEgress(plan)],
  },
})

export const renderGitWatch = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'git-watch', source: plan.source.path }, (chart) => {
    serviceAccount(chart, metadata, { automountToken: false, pullSecret: pullSecretOf(plan) })
    role(chart, {
      ...metadata,
      rules: [{ group: 'argoproj.io', resources: ['applications'], verbs: ['list', 'patch'] }],
      subject: { namespace, name },
    })
    for (const object of watchGuard) apiObject(chart, object)
    apiObject(chart, networkPolicy(plan))
    apiObject(chart, deployment(plan))
  })
