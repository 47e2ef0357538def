// Rights on logs, alarms, events, topics and the budget.
import type { Right } from './right.ts'

const here = '{region}:{account}'

export const watchRights: readonly Right[] = [
  {
    types: ['cloudwatch/logGroup'],
    actions: [
      'logs:AssociateKmsKey',
      'logs:CreateLogGroup',
      'logs:DeleteLogGroup',
      'logs:PutRetentionPolicy',
      'logs:TagResource',
      'logs:UntagResource',
    ],
    on: [
      'arn:aws:logs:*:{account}:log-group:/slipway/{cluster}/*',
      'arn:aws:logs:*:{account}:log-group:/aws/eks/{cluster}/*',
      'arn:aws:logs:*:{account}:log-group:/aws/vendedlogs/*/{cluster}',
      'arn:aws:logs:*:{account}:log-group:/aws/vendedlogs/*/{cluster}:*',
      'arn:aws:logs:*:{account}:log-group:aws-waf-logs-{cluster}-*',
    ],
  },
  {
    types: ['cloudwatch/logDelivery', 'cloudwatch/logDeliveryDestination', 'cloudwatch/logDeliverySource'],
    actions: [
      'logs:CreateDelivery',
      'logs:DeleteDelivery*',
      'logs:PutDelivery*',
      'logs:UpdateDeliveryConfiguration',
      'logs:TagResource',
    ],
    on: [
      'arn:aws:logs:*:{account}:delivery:*',
      'arn:aws:logs:*:{account}:delivery-source:{cluster}-*',
      'arn:aws:logs:*:{account}:delivery-destination:{cluster}-*',
    ],
  },
  {
    types: [],
    // PutDeliverySource asks the service whose logs they are (CloudWatch Logs User Guide, service-specific permissions).
    actions: ['cloudfront:AllowVendedLogDeliveryForResource', 'elasticloadbalancing:AllowVendedLogDeliveryForResource'],
    on: [
      'arn:aws:cloudfront::{account}:distribution/*',
      `arn:aws:elasticloadbalancing:${here}:loadbalancer/app/{cluster}/*`,
    ],
  },
  {
    types: [],
    actions: [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:GetLogDelivery',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
    ],
    on: ['*'],
    because: 'Services that deliver logs ask for these without a resource (CloudWatch Logs User Guide, vended logs).',
  },
  {
    types: ['cloudwatch/dashboard', 'cloudwatch/metricAlarm'],
    actions: [
      'cloudwatch:DeleteAlarms',
      'cloudwatch:DeleteDashboards',
      'cloudwatch:PutDashboard',
      'cloudwatch:PutMetricAlarm',
      'cloudwatch:TagResource',
      'cloudwatch:UntagResource',
    ],
    on: [
      'arn:aws:cloudwatch:*:{account}:alarm:{cluster}-*',
      'arn:aws:cloudwatch::{account}:dashboard/slipway-{cluster}',
    ],
  },
  {
    types: [
      'cloudwatch/eventApiDestination',
      'cloudwatch/eventConnection',
      'cloudwatch/eventRule',
      'cloudwatch/eventTarget',
    ],
    actions: [
      'events:*ApiDestination',
      'events:*Connection',
      'events:DeleteRule',
      'events:PutRule',
      'events:PutTargets',
      'events:RemoveTargets',
      'events:TagResource',
      'events:UntagResource',
    ],
    on: [
      `arn:aws:events:${here}:rule/{cluster}-*`,
      `arn:aws:events:${here}:connection/{cluster}-*`,
      `arn:aws:events:${here}:api-destination/{cluster}-*`,
    ],
  },
  {
    types: ['sns/topic', 'sns/topicPolicy', 'sns/topicSubscription'],
    actions: [
      'sns:CreateTopic',
      'sns:DeleteTopic',
      'sns:SetTopicAttributes',
      'sns:Subscribe',
      'sns:Unsubscribe',
      'sns:TagResource',
      'sns:UntagResource',
    ],
    on: ['arn:aws:sns:*:{account}:{cluster}-*'],
  },
  {
    types: ['budgets/budget'],
    actions: ['budgets:ModifyBudget', 'budgets:TagResource', 'budgets:UntagResource'],
    on: ['arn:aws:budgets::{account}:budget/{cluster}-*'],
  },
]
