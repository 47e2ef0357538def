// The bucket of a cluster’s weights: private, encrypted, by TLS alone. Without versions: a key names its content, and what is lost is copied again.

import * as s3 from '@pulumi/aws/s3/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { weightsBucketName } from '../../generators/schema/contract.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { policyJson } from '../security/policy-document.ts'
import { bucketStatements, lifecycleRules } from './plan-weights.ts'

export interface WeightsBucketArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
}

export interface WeightsBucketOutputs {
  bucketName: pulumi.Output<string>
  bucketArn: string
}

export class WeightsBucket extends pulumi.ComponentResource {
  readonly outputs: WeightsBucketOutputs

  constructor(name: string, { cluster, encryption }: WeightsBucketArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:WeightsBucket', name, {}, options)
    const parent = { parent: this }
    const bucketName = weightsBucketName(cluster.name, cluster.account)
    const made = new s3.Bucket(`${name}-bucket`, { bucket: bucketName }, { ...parent, protect: true })
    const bucket = made.bucket
    const isPrivate = {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    }
    const block = new s3.BucketPublicAccessBlock(`${name}-private`, { bucket, ...isPrivate }, parent)
    const encrypted = {
      applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: encryption.keyArn },
    }
    new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      // A key of the bucket’s own below ours: a request to KMS now and then instead of one for each range.
      { bucket, rules: [{ ...encrypted, bucketKeyEnabled: true }] },
      parent,
    )
    new s3.BucketOwnershipControls(
      `${name}-owner`,
      { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      parent,
    )
    new s3.BucketLifecycleConfiguration(`${name}-lifecycle`, { bucket, rules: lifecycleRules }, parent)
    const bucketArn = `arn:aws:s3:::${bucketName}`
    const policy = policyJson(bucketStatements(bucketArn))
    // Two changes of a bucket at once are refused.
    new s3.BucketPolicy(`${name}-tls`, { bucket, policy }, { ...parent, dependsOn: [block] })
    this.outputs = { bucketName: bucket, bucketArn }
    this.registerOutputs(this.outputs)
  }
}
