// Folder `secrets`: what External Secrets copies from Secrets Manager. Names only; no value is ever in Git.
import type { IClusterSecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore'
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { labels, namespaces, partOf, secrets } from '../../schema/contract.ts'
import type { Manifest } from '../manifest.ts'
import { pullSecretOf } from '../pull-secret.ts'
import { apiObject, tree } from '../tree.ts'

const shared = { labels: { [labels.partOf]: partOf } }

/** Without `auth` the controller uses its own identity: Pod Identity, bound to its service account. */
const store = (region: string, spaces: string[]): IClusterSecretStore => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ClusterSecretStore',
  metadata: { name: secrets.store, ...shared },
  spec: {
    provider: { aws: { service: 'SecretsManager', region } },
    // Only our namespaces may read through it.
    conditions: [{ namespaces: spaces }],
  },
})

interface Copy {
  name: string
  namespace: string
  remote: string
}

const externalSecret = ({ name, namespace, remote }: Copy): IExternalSecret => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name, namespace, ...shared },
  spec: {
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: secrets.store },
    target: { name, creationPolicy: 'Owner', deletionPolicy: 'Retain' },
    // Every key of the remote JSON, whichever there are: the older origin value exists only while it is rotated.
    dataFrom: [{ extract: { key: remote } }],
  },
})

/** The whole secret is what a kubelet reads; in each namespace in which pods of ours run. */
const registryLogin = (namespace: string, cluster: string): IExternalSecret => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  // A file is named after kind and name, so the name says the namespace.
  metadata: { name: `${secrets.registry.name}-${namespace}`, namespace, ...shared },
  spec: {
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: secrets.store },
    target: {
      name: secrets.registry.name,
      creationPolicy: 'Owner',
      deletionPolicy: 'Retain',
      template: { type: 'kubernetes.io/dockerconfigjson' },
    },
    data: [{ secretKey: '.dockerconfigjson', remoteRef: { key: secrets.registry.remote(cluster) } }],
  },
})

export const renderSecrets = ({ cluster, source }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'secrets', source: source.path }, (chart) => {
    const { originVerify, hubToken, smokeOrigin } = secrets
    const needsLogin = pullSecretOf({ cluster }) !== undefined
    const own = [namespaces.gateway, namespaces.models]
    const spaces = needsLogin ? [...own, namespaces.argocd] : own
    apiObject(chart, store(cluster.region, spaces))
    if (needsLogin) for (const space of spaces) apiObject(chart, registryLogin(space, cluster.name))
    apiObject(
      chart,
      externalSecret({
        ...originVerify,
        namespace: namespaces.gateway,
        remote: originVerify.remote(cluster.name),
      }),
    )
    apiObject(
      chart,
      externalSecret({
        ...smokeOrigin,
        namespace: namespaces.models,
        remote: smokeOrigin.remote(cluster.name),
      }),
    )
    apiObject(
      chart,
      externalSecret({
        ...hubToken,
        namespace: namespaces.models,
        remote: hubToken.remote(cluster.name),
      }),
    )
  })
