// The EKS add-ons of one phase, each pinned, each with the role of its service account.
import * as eks from '@pulumi/aws/eks/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { trustPods } from '../security/policy-document.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { type Addon, addonSettings, addons } from './plan-cluster.ts'

export interface ClusterAddonsArgs {
  cluster: Cluster
  kubernetes: KubernetesClusterOutputs
  when: Addon['when']
}

export class ClusterAddons extends pulumi.ComponentResource {
  constructor(
    name: string,
    { cluster, kubernetes, when }: ClusterAddonsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:ClusterAddons', name, {}, options)
    for (const [addonName, addon] of Object.entries(addons)) {
      if (addon.when !== when) continue
      const settings = addonSettings(addonName, cluster)
      new eks.Addon(
        `${name}-${addonName}`,
        {
          clusterName: kubernetes.name,
          addonName,
          addonVersion: addon.version,
          // What somebody changed by hand goes back; what the add-on’s own controllers set stays.
          resolveConflictsOnCreate: 'OVERWRITE',
          resolveConflictsOnUpdate: 'OVERWRITE',
          ...(settings === undefined ? {} : { configurationValues: JSON.stringify(settings) }),
          ...(addon.identity === undefined
            ? {}
            : { podIdentityAssociations: [this.#identity(`${name}-${addonName}`, kubernetes, addon.identity)] }),
        },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }

  #identity(
    name: string,
    kubernetes: KubernetesClusterOutputs,
    { serviceAccount, policyArn }: NonNullable<Addon['identity']>,
  ): { serviceAccount: string; roleArn: pulumi.Output<string> } {
    const trust = trustPods(kubernetes.arn, { namespace: 'kube-system', name: serviceAccount })
    const role = new iam.Role(`${name}-role`, { assumeRolePolicy: trust }, { parent: this })
    const attached = new iam.RolePolicyAttachment(`${name}-policy`, { role: role.name, policyArn }, { parent: this })
    // The add-on waits for the policy too: without it its pods start and fail.
    return { serviceAccount, roleArn: pulumi.all([role.arn, attached.id]).apply(([arn]) => arn) }
  }
}
