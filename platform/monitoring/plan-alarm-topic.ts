// Who may write to an alarm topic: CloudWatch alarms and the budget of this account, nobody else. Pure.
import type * as pulumi from '@pulumi/pulumi'
import { edgeRegion } from '../providers.ts'
import type { Statement } from '../security/policy-document.ts'

export function topicStatements(
  { account, region }: { account: string; region: string },
  topicArn: pulumi.Input<string>,
): Statement[] {
  const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn } as const
  const ofAccount = { StringEquals: { 'aws:SourceAccount': account } }
  const alarmsPublish: Statement = {
    ...publish,
    Sid: 'AlarmsPublish',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Condition: { ...ofAccount, ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` } },
  }
  if (region !== edgeRegion) return [alarmsPublish]
  // Budgets live in us-east-1.
  const budgetsPublish: Statement = {
    ...publish,
    Sid: 'BudgetsPublish',
    Principal: { Service: 'budgets.amazonaws.com' },
    Condition: ofAccount,
  }
  return [alarmsPublish, budgetsPublish]
}
