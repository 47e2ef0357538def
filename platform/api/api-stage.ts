// The stage of the cluster’s environment: published at once, throttled, measured by route, with an access log.
import * as apigateway from '@pulumi/aws/apigatewayv2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { environments } from '../../generators/schema/environments.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import { accessLogFormat } from './plan-api.ts'

export interface ApiStageOutputs {
  stageName: pulumi.Output<string>
  logGroupName: pulumi.Output<string>
}

export interface ApiStageArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
  apiId: pulumi.Output<string>
}

export class ApiStage extends pulumi.ComponentResource {
  readonly outputs: ApiStageOutputs

  constructor(name: string, args: ApiStageArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ApiStage', name, {}, options)
    const { cluster, encryption, apiId } = args
    const { apiThrottle } = environments[cluster.environment]
    // Below /aws/vendedlogs/, as the log of the edge.
    const group = logGroup(
      `${name}-group`,
      `/aws/vendedlogs/http-api/${cluster.name}`,
      { cluster, encryption },
      { parent: this },
    )
    const stage = new apigateway.Stage(
      `${name}-stage`,
      {
        apiId,
        name: cluster.environment,
        autoDeploy: true,
        accessLogSettings: { destinationArn: group.arn, format: accessLogFormat(cluster) },
        defaultRouteSettings: {
          detailedMetricsEnabled: true,
          throttlingRateLimit: apiThrottle.perSecond,
          throttlingBurstLimit: apiThrottle.burst,
        },
      },
      { parent: this },
    )
    this.outputs = { stageName: stage.name, logGroupName: group.name }
    this.registerOutputs(this.outputs)
  }
}
