// One customer-managed key per region for everything at rest that is not a disk: logs, topics, queues, secrets.
import * as kms from '@pulumi/aws/kms/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { keyStatements } from './plan-encryption.ts'
import { policyJson } from './policy-document.ts'

export interface EncryptionOutputs {
  keyArn: pulumi.Output<string>
}

export class Encryption extends pulumi.ComponentResource {
  readonly outputs: EncryptionOutputs

  constructor(
    name: string,
    { cluster, region }: { cluster: Cluster; region: string },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:Encryption', name, {}, options)
    const key = new kms.Key(
      `${name}-key`,
      {
        description: `Slipway ${cluster.name}: logs, topics, queues and secrets in ${region}`,
        enableKeyRotation: true,
        // The longest: what is encrypted with a deleted key is gone.
        deletionWindowInDays: 30,
        policy: policyJson(keyStatements({ account: cluster.account, region })),
      },
      { parent: this, protect: true },
    )
    new kms.Alias(`${name}-alias`, { name: `alias/${name}`, targetKeyId: key.keyId }, { parent: this })
    this.outputs = { keyArn: key.arn }
    this.registerOutputs(this.outputs)
  }
}
