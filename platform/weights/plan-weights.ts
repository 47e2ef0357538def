// Who may do what with the weights of a cluster’s models, and what S3 does by itself. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { weightFolders } from '../../generators/schema/contract.ts'
import type { Statement } from '../security/policy-document.ts'

type Resource = Statement['Resource']

/** Names of buckets are worldwide; the account makes it ours. */

/** What an upload that was killed leaves is seen by nobody and paid for. */
export const lifecycleRules = [
  {
    id: 'abandoned-uploads',
    status: 'Enabled',
    filter: {},
    abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
  },
]

export const bucketStatements = (arn: string): Statement[] => [
  {
    Sid: 'NoPlainText',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
]

export interface WeightResources {
  bucketArn: string
  keyArn: Resource
}

const within = (bucketArn: string, ...folders: (keyof typeof weightFolders)[]): string[] =>
  folders.map((folder) => `${bucketArn}/${weightFolders[folder]}/*`)

const useKey = ({ region }: Cluster, keyArn: Resource, ...actions: string[]): Statement => ({
  Sid: 'UseTheKey',
  Effect: 'Allow',
  Action: actions,
  Resource: keyArn,
  Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
})

/** For the whole bucket: with a condition on the prefix S3 would call a missing object forbidden. */
const list = (bucketArn: string): Statement => ({
  Sid: 'SeeWhatIsThere',
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: bucketArn,
})

/** Of pods with an engine. */
export const readStatements = (cluster: Cluster, { bucketArn, keyArn }: WeightResources): Statement[] => [
  list(bucketArn),
  {
    Sid: 'ReadWeights',
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: within(bucketArn, 'models', 'manifests'),
  },
  useKey(cluster, keyArn, 'kms:Decrypt'),
]

/** Of the Job that copies: it adds, and deletes nothing but the mark of what is unused. */
export const copyStatements = (cluster: Cluster, { bucketArn, keyArn }: WeightResources): Statement[] => [
  list(bucketArn),
  {
    Sid: 'WriteWeights',
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
    Resource: within(bucketArn, 'models', 'manifests'),
  },
  { Sid: 'ReadManifests', Effect: 'Allow', Action: 's3:GetObject', Resource: within(bucketArn, 'manifests') },
  { Sid: 'RemoveMarks', Effect: 'Allow', Action: 's3:DeleteObject', Resource: within(bucketArn, 'unused') },
  // Parts of an upload are decrypted when it is completed.
  useKey(cluster, keyArn, 'kms:GenerateDataKey', 'kms:Decrypt'),
  ...ownBuckets(cluster),
]

/** Models of one’s own; a key of their bucket must let the role decrypt, which only its owner can say. */
const ownBuckets = ({ weights: { buckets } }: Cluster): Statement[] =>
  buckets.length === 0
    ? []
    : [
        {
          Sid: 'ReadOwnModels',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:ListBucket'],
          Resource: buckets.flatMap((bucket) => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
        },
      ]

/** Of the daily sweep: it marks, and deletes what was marked long enough. */
export const sweepStatements = (cluster: Cluster, { bucketArn, keyArn }: WeightResources): Statement[] => [
  list(bucketArn),
  { Sid: 'ReadManifests', Effect: 'Allow', Action: 's3:GetObject', Resource: within(bucketArn, 'manifests') },
  { Sid: 'MarkWhatIsUnused', Effect: 'Allow', Action: 's3:PutObject', Resource: within(bucketArn, 'unused') },
  {
    Sid: 'DeleteIt',
    Effect: 'Allow',
    Action: 's3:DeleteObject',
    Resource: within(bucketArn, 'models', 'manifests', 'unused'),
  },
  useKey(cluster, keyArn, 'kms:GenerateDataKey', 'kms:Decrypt'),
]
