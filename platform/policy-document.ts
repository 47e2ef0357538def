// IAM policies as data: statements with the few keys that are used here, and their JSON.
import * as pulumi from '@pulumi/pulumi'

export interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Principal?: Record<string, pulumi.Input<string> | pulumi.Input<string>[]>
  Action: string | string[]
  Resource: pulumi.Input<string> | pulumi.Input<string>[]
  Condition?: Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>
}

export const policyJson = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({ Version: '2012-10-17', Statement: [...statements] })

/** Trust policy of an AWS service. */
export const trustService = (service: string): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  })
