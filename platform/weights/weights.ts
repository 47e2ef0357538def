// Weights of a cluster’s models in S3, and the identities of those that copy, read and sweep them.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { serviceAccounts } from '../../generators/schema/contract.ts'
import type { KubernetesClusterOutputs } from '../kubernetes/kubernetes-cluster.ts'
import { PodIdentity, type PodIdentityArgs } from '../kubernetes/pod-identity.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { copyStatements, readStatements, sweepStatements } from './plan-weights.ts'
import { WeightsBucket, type WeightsBucketOutputs } from './weights-bucket.ts'

export interface WeightsArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  kubernetes: KubernetesClusterOutputs
}

export class Weights extends pulumi.ComponentResource {
  readonly outputs: WeightsBucketOutputs

  constructor(name: string, args: WeightsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Weights', name, {}, options)
    const { cluster, encryption, kubernetes } = args
    const parent = { parent: this }
    const { bucketName, bucketArn } = new WeightsBucket(`${name}-store`, { cluster, encryption }, parent).outputs
    const resources = { bucketArn, keyArn: encryption.keyArn }
    const allow = (
      part: string,
      serviceAccount: PodIdentityArgs['serviceAccount'],
      statements: PodIdentityArgs['statements'],
    ) => new PodIdentity(`${name}-${part}`, { kubernetes, serviceAccount, statements }, parent)
    allow('copy', serviceAccounts.weightsCopy, copyStatements(cluster, resources))
    allow('read', serviceAccounts.model, readStatements(cluster, resources))
    allow('sweep', serviceAccounts.weightsSweep, sweepStatements(cluster, resources))
    this.outputs = { bucketName, bucketArn }
    this.registerOutputs(this.outputs)
  }
}
