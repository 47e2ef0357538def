// What the controllers in the cluster may do in AWS: one identity each, bound to the service accounts that Git names.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { xray } from '../../generators/schema/collector.ts'
import { podLogGroup, serviceAccounts } from '../../generators/schema/contract.ts'
import type { LoadBalancerOutputs } from '../load-balancer/load-balancer.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import type { Statement } from '../security/policy-document.ts'
import type { SecretsOutputs } from '../security/secrets.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { needsIdentity } from './plan-existing-cluster.ts'
import {
  alertmanagerStatements,
  collectorStatements,
  externalSecretsStatements,
  loadBalancerControllerStatements,
  logShipperStatements,
} from './plan-identities.ts'
import { PodIdentity, type PodIdentityArgs } from './pod-identity.ts'

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
    const allow = (part: string, serviceAccount: PodIdentityArgs['serviceAccount'], statements: Statement[]): void => {
      if (needsIdentity(cluster, serviceAccount.name))
        new PodIdentity(`${name}-${part}`, { kubernetes, serviceAccount, statements }, { parent: this })
    }
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
    allow('alerts', serviceAccounts.alertmanager, alertmanagerStatements(cluster, encryption.keyArn))
    if (cluster.telemetry?.collector === xray) allow('traces', serviceAccounts.collector, collectorStatements)
    this.registerOutputs({})
  }
}
