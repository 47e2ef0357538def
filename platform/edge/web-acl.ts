// A web ACL with its log: what was blocked and counted, without anything that a caller keeps to themselves.
import * as wafv2 from '@pulumi/aws/wafv2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import { blockAnswers, type PlannedWebAcl } from './plan-web-acl.ts'
import { inspectedBody, loggedActions, protectedFields, redactedHeaders } from './plan-web-acl-log.ts'

export interface WebAclOutputs {
  /** Dimension of its metrics, and for the REGIONAL one what the anchor Ingress names. */
  name: string
  arn: pulumi.Output<string>
}

export interface WebAclArgs {
  cluster: Cluster
  /** Key of the region in which the ACL is made. */
  encryption: EncryptionOutputs
  plan: PlannedWebAcl
}

export class WebAcl extends pulumi.ComponentResource {
  readonly outputs: WebAclOutputs

  constructor(name: string, { cluster, encryption, plan }: WebAclArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:WebAcl', name, {}, options)
    const parent = { parent: this }
    const acl = new wafv2.WebAcl(
      `${name}-acl`,
      {
        name: plan.name,
        description: plan.description,
        scope: plan.scope,
        defaultAction: { allow: {} },
        rules: plan.rules,
        customResponseBodies: Object.entries(blockAnswers).map(([key, content]) => ({
          key,
          content,
          contentType: 'APPLICATION_JSON',
        })),
        ...(plan.scope === 'CLOUDFRONT' ? { associationConfig: inspectedBody } : {}),
        dataProtectionConfig: { dataProtections: protectedFields },
        visibilityConfig: { metricName: plan.name, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false },
      },
      { ...parent, protect: true },
    )
    // WAF takes only groups whose names begin like this.
    const group = logGroup(`${name}-group`, `aws-waf-logs-${plan.name}`, { cluster, encryption }, parent)
    new wafv2.WebAclLoggingConfiguration(
      `${name}-log`,
      {
        resourceArn: acl.arn,
        logDestinationConfigs: [group.arn],
        redactedFields: redactedHeaders.map((header) => ({ singleHeader: { name: header } })),
        loggingFilter: loggedActions,
      },
      parent,
    )
    this.outputs = { name: plan.name, arn: acl.arn }
    this.registerOutputs(this.outputs)
  }
}
