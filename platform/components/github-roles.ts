// The two roles of GitHub Actions, and the provider by which the account believes GitHub’s tokens.
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { type Github, githubAudience, githubIssuer } from '../plan-github-roles.ts'
import { GithubRole } from './github-role.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'

export interface GithubRolesArgs {
  cluster: Cluster
  github: Github
  kubernetes: KubernetesClusterOutputs
}

export class GithubRoles extends pulumi.ComponentResource {
  constructor(name: string, args: GithubRolesArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:GithubRoles', name, {}, options)
    // Clusters of one account share it: the first makes it, the others say that it is there.
    const provider = args.github.existingProvider
      ? []
      : [
          new iam.OpenIdConnectProvider(
            `${name}-provider`,
            { url: `https://${githubIssuer}`, clientIdLists: [githubAudience] },
            { parent: this, protect: true },
          ),
        ]
    const after = { parent: this, dependsOn: provider }
    new GithubRole(`${name}-preview`, { ...args, kind: 'preview' }, after)
    new GithubRole(`${name}-apply`, { ...args, kind: 'apply' }, after)
    this.registerOutputs({})
  }
}
