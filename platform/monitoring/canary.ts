// Asks for a static file every five minutes along the whole way: CloudFront, HTTP API, VPC link, ALB, gateway. It notices when
// nobody else does, and keeps the VPC link from being taken away after 60 days without traffic.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { policyJson, trustService } from '../security/policy-document.ts'

export interface CanaryOutputs {
  /** Dimension of its metrics. */
  ruleName: pulumi.Output<string>
}

/** Open for everybody, small, and answered by the gateway itself. */
const path = '/openapi.json'

export class Canary extends pulumi.ComponentResource {
  readonly outputs: CanaryOutputs

  constructor(name: string, { cluster }: { cluster: Cluster }, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Canary', name, {}, options)
    const parent = { parent: this }
    // EventBridge wants a key even for what is open; it says who asks, and is no secret.
    const connection = new cloudwatch.EventConnection(
      `${name}-connection`,
      { authorizationType: 'API_KEY', authParameters: { apiKey: { key: 'x-canary', value: 'slipway' } } },
      parent,
    )
    const destination = new cloudwatch.EventApiDestination(
      `${name}-destination`,
      {
        connectionArn: connection.arn,
        httpMethod: 'GET',
        invocationEndpoint: `https://${cluster.domain}${path}`,
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
      { scheduleExpression: 'rate(5 minutes)', description: `Asks ${cluster.domain}${path}` },
      parent,
    )
    const retryPolicy = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }
    const target = { rule: rule.name, arn: destination.arn, roleArn: role.arn, retryPolicy }
    new cloudwatch.EventTarget(`${name}-target`, target, { ...parent, dependsOn: [allowed] })
    this.outputs = { ruleName: rule.name }
    this.registerOutputs(this.outputs)
  }
}
