// Who may use the key that encrypts logs, topics, queues and secrets of one region. Pure.
import type { Statement } from './policy-document.ts'

interface Place {
  account: string
  region: string
}

/** Services that write into encrypted topics and queues; without this their messages are lost in silence. */
const senders = ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'budgets.amazonaws.com']

/** In a key’s policy `*` is this key alone. */
export const keyStatements = ({ account, region }: Place): Statement[] => [
  {
    // Without it only AWS support could ever change the key; IAM policies of the account decide.
    Sid: 'AccountAdministers',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  },
  {
    Sid: 'LogGroupsOfTheAccount',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: '*',
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:*` } },
  },
  {
    Sid: 'SendersOfTheAccount',
    Effect: 'Allow',
    Principal: { Service: senders },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  },
]
