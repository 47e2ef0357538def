// The two secrets of a cluster in Secrets Manager. External Secrets copies them to where they are used.
import * as secretsmanager from '@pulumi/aws/secretsmanager/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { secrets } from '../../generators/schema/contract.ts'
import type { EncryptionOutputs } from './encryption.ts'

export interface SecretsOutputs {
  /** Of all. */
  arns: pulumi.Output<string>[]
  /** Where the value belongs that the edge proves itself with. */
  originVerifyId: pulumi.Output<string>
}

export interface SecretsArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
}

export class Secrets extends pulumi.ComponentResource {
  readonly outputs: SecretsOutputs

  constructor(name: string, args: SecretsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Secrets', name, {}, options)
    const { cluster } = args
    const originVerify = this.#secret(`${name}-origin-verify`, args, {
      name: secrets.originVerify.remote(cluster.name),
      description: 'What the gateway accepts as proof that a request came through CloudFront: {current, previous}',
    })
    // Made empty: the token is entered by a person and never known to Pulumi.
    const hubToken = this.#secret(`${name}-hub-token`, args, {
      name: secrets.hubToken.remote(cluster.name),
      description: 'Hugging Face token for gated models: {token}; entered by hand',
    })
    const logins = cluster.mirrors.pullSecret === true ? [this.#registryLogin(name, args)] : []
    const all = [originVerify, hubToken, ...logins]
    this.outputs = { arns: all.map(({ arn }) => arn), originVerifyId: originVerify.id }
    this.registerOutputs(this.outputs)
  }

  /** Entered by a person too: a .dockerconfigjson. */
  #registryLogin(name: string, args: SecretsArgs): secretsmanager.Secret {
    return this.#secret(`${name}-registry`, args, {
      name: secrets.registry.remote(args.cluster.name),
      description: 'Login to the registry of images, as a .dockerconfigjson; entered by hand',
    })
  }

  #secret(
    name: string,
    { encryption }: SecretsArgs,
    given: { name: string; description: string },
  ): secretsmanager.Secret {
    const args = { ...given, kmsKeyId: encryption.keyArn, recoveryWindowInDays: 30 }
    return new secretsmanager.Secret(name, args, { parent: this, protect: true })
  }
}
