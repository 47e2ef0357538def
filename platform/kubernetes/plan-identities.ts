// What each controller in the cluster may do in AWS, apart from Karpenter. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { alarmTopic } from '../../generators/schema/contract.ts'
import loadBalancerControllerPolicy from '../iam/load-balancer-controller-3.5.0.json' with { type: 'json' }
import { deletionGuard } from '../load-balancer/plan-load-balancer.ts'
import type { Statement } from '../security/policy-document.ts'

type Resource = Statement['Resource']

/**
 * docs/install/iam_policy.json of github.com/kubernetes-sigs/aws-load-balancer-controller v3.5.0, the version of the chart in
 * apps/addons; with what the file leaves to the reader, and without what must never happen to our ALB.
 */
export const loadBalancerControllerStatements = (loadBalancerArn: Resource, listenerArn: Resource): Statement[] => [
  ...(loadBalancerControllerPolicy.Statement as Omit<Statement, 'Sid'>[]).map((statement, index) => ({
    Sid: `Published${index + 1}`,
    ...statement,
  })),
  // The Ingress names its web ACL by name, and the controller looks the name up.
  { Sid: 'FindWebAclByName', Effect: 'Allow', Action: 'wafv2:ListWebACLs', Resource: '*' },
  ...deletionGuard(loadBalancerArn, listenerArn),
]

export const externalSecretsStatements = ({ region }: Cluster, secretArns: Resource, keyArn: Resource): Statement[] => [
  {
    Sid: 'ReadTheTwoSecrets',
    Effect: 'Allow',
    Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    Resource: secretArns,
  },
  {
    Sid: 'DecryptThem',
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
  },
]

/** Alertmanager notifies the topic of the alarms; the topic’s key seals what it says. */
export const alertmanagerStatements = ({ region, account, name }: Cluster, keyArn: Resource): Statement[] => [
  {
    Sid: 'NotifyTheTopic',
    Effect: 'Allow',
    Action: 'sns:Publish',
    Resource: `arn:aws:sns:${region}:${account}:${alarmTopic(name)}`,
  },
  {
    Sid: 'SealIt',
    Effect: 'Allow',
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` } },
  },
]

/** What a sender to X-Ray’s OTLP endpoint needs; X-Ray has no resources that a span belongs to (service authorization reference, AWS X-Ray). */
export const collectorStatements: Statement[] = [
  { Sid: 'SendSpans', Effect: 'Allow', Action: ['xray:PutSpans', 'xray:PutSpansForIndexing'], Resource: '*' },
]

/** `groupStreams` is the log group’s ARN with `:*`. */
export const logShipperStatements = (groupStreams: Resource): Statement[] => [
  {
    Sid: 'WriteStreams',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
    Resource: groupStreams,
  },
]
