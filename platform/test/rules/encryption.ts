// Rules about what is on disks and in queues, and about the keys.
import type { Graph, Resource } from '../../graph/graph.ts'
import { canaryClientSecret, originSecret } from '../graphs.ts'
import { added, first, type Rule } from './rule.ts'

const has = (key: string) => (resource: Resource) => resource.inputs[key] !== undefined

const disks = ({ inputs }: Resource): boolean => {
  const mappings = (inputs.blockDeviceMappings ?? []) as { ebs?: { encrypted?: string } }[]
  return mappings.length > 0 && mappings.every(({ ebs }) => String(ebs?.encrypted) === 'true')
}

/** A bucket is encrypted and closed by resources beside it. */
const beside = (graph: Graph, bucket: Resource, type: string): boolean =>
  graph.resources.some(({ type: other, dependencies }) => other.startsWith(type) && dependencies.includes(bucket.name))

/** Every type that keeps something, and how its encryption shows. */
const keepers: Record<string, (resource: Resource, graph: Graph) => boolean> = {
  'aws:cloudwatch/logGroup:LogGroup': has('kmsKeyId'),
  'aws:secretsmanager/secret:Secret': has('kmsKeyId'),
  'aws:sns/topic:Topic': has('kmsMasterKeyId'),
  'aws:sqs/queue:Queue': (queue) => has('kmsMasterKeyId')(queue) || queue.inputs.sqsManagedSseEnabled === true,
  'aws:eks/cluster:Cluster': has('encryptionConfig'),
  'aws:ec2/launchTemplate:LaunchTemplate': disks,
  'aws:ebs/volume:Volume': ({ inputs }) => inputs.encrypted === true,
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': has('serverSideEncryption'),
  'aws:dynamodb/table:Table': has('serverSideEncryption'),
  'aws:s3/bucket:Bucket': (bucket, graph) =>
    beside(graph, bucket, 'aws:s3/bucketServerSideEncryptionConfiguration') &&
    beside(graph, bucket, 'aws:s3/bucketPublicAccessBlock'),
}

export const encryptedAtRest: Rule = {
  sentence: 'logs, topics, queues, secrets, disks and buckets are encrypted',
  check: (graph) =>
    graph.resources
      .filter((resource) => keepers[resource.type]?.(resource, graph) === false)
      .map(({ name, type }) => `${name}: ${type} is not encrypted`),
  breaks: {
    'a log group without key': (graph) => {
      first(graph, 'aws:cloudwatch/logGroup:LogGroup').inputs.kmsKeyId = undefined
    },
    'a queue in the clear': (graph) => {
      first(graph, 'aws:sqs/queue:Queue').inputs.sqsManagedSseEnabled = false
    },
    'a disk in the clear': (graph) => {
      first(graph, 'aws:ec2/launchTemplate:LaunchTemplate').inputs.blockDeviceMappings = [{ ebs: {} }]
    },
    'a template without a word about disks': (graph) => {
      first(graph, 'aws:ec2/launchTemplate:LaunchTemplate').inputs.blockDeviceMappings = undefined
    },
    'a bucket alone': (graph) => {
      const bucket = { ...first(graph, 'aws:sqs/queue:Queue'), type: 'aws:s3/bucket:Bucket', inputs: {} }
      graph.resources.push(bucket)
    },
    'a topic without key': (graph) => {
      graph.resources.push({ ...first(graph, 'aws:sqs/queue:Queue'), type: 'aws:sns/topic:Topic', inputs: {} })
    },
    'a cluster whose secrets lie open': (graph) => {
      first(graph, 'aws:eks/cluster:Cluster').inputs.encryptionConfig = undefined
    },
  },
}

export const rotatingKeys: Rule = {
  sentence: 'every key rotates, and a deleted one can be saved for 30 days',
  check: (graph) =>
    graph.resources
      .filter(({ type }) => type === 'aws:kms/key:Key')
      .filter(({ inputs }) => inputs.enableKeyRotation !== true || inputs.deletionWindowInDays !== 30)
      .map(({ name }) => `${name}: no rotation, or gone too soon`),
  breaks: {
    'a key that stays': (graph) => {
      first(graph, 'aws:kms/key:Key').inputs.enableKeyRotation = false
    },
    'a key that is gone in a week': (graph) => {
      first(graph, 'aws:kms/key:Key').inputs.deletionWindowInDays = 7
    },
  },
}

export const secretsMarked: Rule = {
  sentence: 'the stack’s secrets are only in inputs that Pulumi keeps encrypted',
  check: (graph) =>
    graph.resources.flatMap(({ name, inputs, secrets }) =>
      Object.entries(inputs)
        .filter(([key]) => !secrets.includes(key))
        .filter(([, value]) =>
          [...Object.values(originSecret), canaryClientSecret].some((secret) =>
            JSON.stringify(value)?.includes(secret),
          ),
        )
        .map(([key]) => `${name}: ${key} shows the secret`),
    ),
  breaks: {
    'a secret in the clear': (graph) => {
      first(graph, 'aws:secretsmanager/secretVersion:SecretVersion').secrets = []
    },
    'the canary’s in the clear': (graph) => {
      first(graph, 'aws:cloudwatch/eventConnection:EventConnection').secrets = []
    },
    'a secret in a header': (graph) =>
      added(graph, 'aws:ec2/vpc:Vpc', { origins: [{ customHeaders: [{ value: originSecret.previous }] }] }),
  },
}

export const instanceMetadata: Rule = {
  sentence: 'pods cannot reach the credentials of their node',
  check: (graph) =>
    graph.resources
      .filter(({ type }) => type === 'aws:ec2/launchTemplate:LaunchTemplate')
      .filter(({ inputs }) => {
        const options = (inputs.metadataOptions ?? {}) as Record<string, unknown>
        return options.httpTokens !== 'required' || options.httpPutResponseHopLimit !== 1
      })
      .map(({ name }) => `${name}: metadata without token, or more than one hop away`),
  breaks: {
    'metadata without token': (graph) => {
      const template = first(graph, 'aws:ec2/launchTemplate:LaunchTemplate')
      template.inputs.metadataOptions = { httpTokens: 'optional', httpPutResponseHopLimit: 1 }
    },
    'metadata two hops away': (graph) => {
      const template = first(graph, 'aws:ec2/launchTemplate:LaunchTemplate')
      template.inputs.metadataOptions = { httpTokens: 'required', httpPutResponseHopLimit: 2 }
    },
  },
}
