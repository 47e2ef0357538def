// Asks every five minutes along the whole way: CloudFront where it is, HTTP API, VPC link, ALB, gateway; with a token when the cluster file names
// a client, so that a dead authorizer is seen too. It notices when nobody else does, and keeps the VPC link from being taken away
// after 60 days without traffic.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { canaryPath } from '../../generators/schema/contract.ts'
import { policyJson, trustService } from '../security/policy-document.ts'
import { canaryAuthorization } from './plan-canary.ts'

export interface CanaryOutputs {
  /** Dimension of its metrics. */
  ruleName: pulumi.Output<string>
}

export interface CanaryArgs {
  cluster: Cluster
  /** Of the client in the cluster file. */
  clientSecret: pulumi.Input<string> | undefined
}

export class Canary extends pulumi.ComponentResource {
  readonly outputs: CanaryOutputs

  constructor(name: string, args: CanaryArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Canary', name, {}, options)
    const { cluster, clientSecret } = args
    const parent = { parent: this }
    const { authorizationType, authParameters } = canaryAuthorization(cluster, clientSecret)
    const connection = new cloudwatch.EventConnection(
      `${name}-connection`,
      { authorizationType, authParameters: pulumi.secret(authParameters) },
      parent,
    )
    const destination = new cloudwatch.EventApiDestination(
      `${name}-destination`,
      {
        connectionArn: connection.arn,
        // EventBridge sends a body whatever the method, and CloudFront answers 403 to a GET with one.
        httpMethod: 'POST',
        invocationEndpoint: `https://${cluster.domain}${canaryPath}`,
        invocationRateLimitPerSecond: 1,
      },
      parent,
    )
    const role = new iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustService('events.amazonaws.com', cluster.account) },
      parent,
    )
    const policy = policyJson([
      { Sid: 'Ask', Effect: 'Allow', Action: 'events:InvokeApiDestination', Resource: destination.arn },
    ])
    const allowed = new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, parent)
    const rule = new cloudwatch.EventRule(
      `${name}-rule`,
      { scheduleExpression: 'rate(5 minutes)', description: `Asks ${cluster.domain}${canaryPath}` },
      parent,
    )
    const retryPolicy = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }
    const target = { rule: rule.name, arn: destination.arn, roleArn: role.arn, input: '{}', retryPolicy }
    new cloudwatch.EventTarget(`${name}-target`, target, { ...parent, dependsOn: [allowed] })
    this.outputs = { ruleName: rule.name }
    this.registerOutputs(this.outputs)
  }
}
