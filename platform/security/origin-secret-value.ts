// What the gateway accepts as proof of the edge. A component of its own, since it may change only after CloudFront.
import * as secretsmanager from '@pulumi/aws/secretsmanager/index.js'
import * as pulumi from '@pulumi/pulumi'

/** Stack settings. While the value is rotated the edge goes on sending `previous`, until every pod of the gateway knows `current`. */
export interface OriginSecret {
  current: pulumi.Input<string>
  previous?: pulumi.Input<string>
}

/** A value that is accepted everywhere: the new one only when the old one has been taken out of the settings. */
export const sentValue = ({ current, previous }: OriginSecret): pulumi.Input<string> => previous ?? current

export interface OriginSecretValueArgs {
  secretId: pulumi.Input<string>
  originSecret: OriginSecret
}

export class OriginSecretValue extends pulumi.ComponentResource {
  /** @param options with `dependsOn` the edge: Pulumi waits until CloudFront sends the new value everywhere, then the old one goes */
  constructor(name: string, args: OriginSecretValueArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:OriginSecretValue', name, {}, options)
    const { secretId, originSecret } = args
    const secretString = pulumi.jsonStringify(originSecret)
    new secretsmanager.SecretVersion(`${name}-version`, { secretId, secretString }, { parent: this })
    this.registerOutputs({})
  }
}
