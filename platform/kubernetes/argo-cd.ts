// Argo CD, installed once. The only thing of Pulumi inside the cluster; everything else comes from Git.
import * as secretsmanager from '@pulumi/aws/secretsmanager/index.js'
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js'
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js'
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js'
import { Release } from '@pulumi/kubernetes/helm/v3/release.js'
import { Provider } from '@pulumi/kubernetes/provider.js'
import * as pulumi from '@pulumi/pulumi'
import { bootstrapProject, rootApplication } from '../../generators/render/argocd/root.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { argo, labels, partOf } from '../../generators/schema/contract.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { argoRelease, kubeconfig, repositorySecret } from './plan-argocd.ts'

export interface ArgoCdArgs {
  cluster: Cluster
  kubernetes: KubernetesClusterOutputs
}

export class ArgoCd extends pulumi.ComponentResource {
  constructor(name: string, args: ArgoCdArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ArgoCd', name, {}, options)
    const { cluster, kubernetes } = args
    const access = pulumi
      .all([kubernetes.endpoint, kubernetes.certificateAuthority])
      .apply(([endpoint, authority]) => kubeconfig(cluster, endpoint, authority))
    const provider = new Provider(`${name}-kubernetes`, { kubeconfig: access }, { parent: this })
    const inCluster = { parent: this, provider }
    const level = { 'pod-security.kubernetes.io/enforce': 'baseline', [labels.partOf]: partOf }
    const namespace = new Namespace(
      `${name}-namespace`,
      { metadata: { name: argo.namespace, labels: level } },
      inCluster,
    )
    this.#credentials(name, cluster, namespace, inCluster)
    const release = new Release(
      `${name}-release`,
      { ...argoRelease(cluster), namespace: namespace.metadata.name },
      inCluster,
    )
    if (cluster.gitops.enabled) {
      // Their definitions come with the release.
      const project = new CustomResource(`${name}-bootstrap`, bootstrapProject(cluster), {
        ...inCluster,
        dependsOn: [release],
      })
      new CustomResource(`${name}-root`, rootApplication(cluster), { ...inCluster, dependsOn: [project] })
    }
    this.registerOutputs({})
  }

  /** The value goes from Secrets Manager to the cluster; Pulumi keeps the data of every Kubernetes Secret encrypted. */
  #credentials(name: string, cluster: Cluster, namespace: Namespace, options: pulumi.CustomResourceOptions): void {
    const secretId = cluster.gitops.credentials
    if (secretId === undefined) return
    const { secretString } = secretsmanager.getSecretVersionOutput({ secretId }, { parent: this })
    const metadata = {
      name: 'repository',
      namespace: namespace.metadata.name,
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
    }
    const stringData = secretString.apply((json) => repositorySecret(cluster, json))
    new Secret(`${name}-repository`, { metadata, stringData }, options)
  }
}
