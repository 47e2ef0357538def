// One role of GitHub Actions: which tokens it takes, its rights in AWS, and those in the cluster.
import * as eks from '@pulumi/aws/eks/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import {
  type GithubRoleKind,
  githubAccessPolicies,
  githubRoleName,
  githubStatements,
  githubTrust,
} from '../plan-github-roles.ts'
import { policyJson } from '../policy-document.ts'
import type { GithubRolesArgs } from './github-roles.ts'

export class GithubRole extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: GithubRolesArgs & { kind: GithubRoleKind },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:GithubRole', name, {}, options)
    const { cluster, github, kubernetes, kind } = args
    const parent = { parent: this }
    const role = new iam.Role(
      `${name}-role`,
      { name: githubRoleName(cluster, kind), assumeRolePolicy: githubTrust(cluster, github, kind) },
      parent,
    )
    new iam.RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: policyJson(githubStatements(cluster, github, kind)) },
      parent,
    )
    const access = { clusterName: kubernetes.name, principalArn: role.arn }
    const entry = new eks.AccessEntry(`${name}-entry`, access, parent)
    new eks.AccessPolicyAssociation(
      `${name}-access`,
      { ...access, policyArn: githubAccessPolicies[kind], accessScope: { type: 'cluster' } },
      { ...parent, dependsOn: [entry] },
    )
    this.registerOutputs({})
  }
}
