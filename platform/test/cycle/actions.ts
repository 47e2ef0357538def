// The IAM actions behind the calls of a cycle, and the committed list of them that the deployer’s rights are held against.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from './cloud.ts'

/** Names of services in actions, where botocore has others. */
const prefixes: Record<string, string> = { elbv2: 'elasticloadbalancing' }

/** Operations of S3 whose action has another name. */
const s3Actions: Record<string, string> = {
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketLifecycle: 'PutLifecycleConfiguration',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
  DeleteBucketTagging: 'PutBucketTagging',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  HeadBucket: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListObjectsV2: 'ListBucket',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
}

/** The action that AWS asks for, from the Service Authorization Reference; mostly the operation’s own name. */
export function actionsOf({ service = '', operation = '', method }: Call): string[] {
  if (service === 'apigatewayv2') return [`apigateway:${method}`]
  if (service === 'budgets' && !/Tag|ResourceTags|ForResource/.test(operation))
    return [operation.startsWith('Describe') ? 'budgets:ViewBudget' : 'budgets:ModifyBudget']
  if (operation === 'CreateDistributionWithTags') return ['cloudfront:CreateDistribution', 'cloudfront:TagResource']
  if (service === 's3') return [`s3:${s3Actions[operation] ?? operation}`]
  return [`${prefixes[service] ?? service}:${operation}`]
}

export interface RecordedActions {
  /** Types of resources that were there when they were recorded. */
  types: string[]
  /** Action → what AWS asks for along with it (aws/dependent_actions.py). */
  actions: Record<string, string[]>
}

const file = join(import.meta.dirname, '../recorded/actions.json')
export const recordedActions = (): RecordedActions => JSON.parse(readFileSync(file, 'utf8')) as RecordedActions

/** Actions of these calls that are not in the list; with `UPDATE_CHANGES=1` they are put into it. */
export function newActions(calls: readonly Call[], types: readonly string[]): string[] {
  const recorded = recordedActions()
  const seen = new Set(calls.filter(({ operation }) => operation).flatMap(actionsOf))
  const added = [...seen].filter((action) => recorded.actions[action] === undefined).sort()
  if (process.env.UPDATE_CHANGES === undefined) return added
  const all = { ...recorded.actions, ...Object.fromEntries(added.map((action) => [action, []])) }
  const actions = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)))
  const written = { types: [...new Set([...recorded.types, ...types])].sort(), actions }
  writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`)
  return []
}
