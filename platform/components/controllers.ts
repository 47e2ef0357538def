// What the controllers in the cluster may do in AWS: one identity each, bound to the service accounts that Git names.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { podLogGroup, serviceAccounts } from '../../generators/schema/contract.ts'
import {
  externalSecretsStatements,
  loadBalancerControllerStatements,
  logShipperStatements,
} from '../plan-identities.ts'
import type { Statement } from '../policy-document.ts'
import type { EncryptionOutputs } from './encryption.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import type { LoadBalancerOutputs } from './load-balancer.ts'
import { logGroup } from './log-group.ts'
import { PodIdentity, type PodIdentityArgs } from './pod-identity.ts'
import type { SecretsOutputs } from './secrets.ts'

export interface ControllersArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  kubernetes: KubernetesClusterOutputs
  loadBalancer: LoadBalancerOutputs
  secrets: SecretsOutputs
}

export class Controllers extends pulumi.ComponentResource {
  constructor(name: string, args: ControllersArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Controllers', name, {}, options)
    const { cluster, encryption, kubernetes, loadBalancer, secrets } = args
    const podLogs = logGroup(`${name}-log-group`, podLogGroup(cluster.name), { cluster, encryption }, { parent: this })
    const allow = (part: string, serviceAccount: PodIdentityArgs['serviceAccount'], statements: Statement[]) =>
      new PodIdentity(`${name}-${part}`, { kubernetes, serviceAccount, statements }, { parent: this })
    allow(
      'load-balancer',
      serviceAccounts.loadBalancerController,
      loadBalancerControllerStatements(loadBalancer.arn, loadBalancer.listenerArn),
    )
    allow(
      'secrets',
      serviceAccounts.externalSecrets,
      externalSecretsStatements(cluster, secrets.arns, encryption.keyArn),
    )
    allow('logs', serviceAccounts.logShipper, logShipperStatements(pulumi.interpolate`${podLogs.arn}:*`))
    this.registerOutputs({})
  }
}
