// The bucket of weights and who may do what with it: the copy adds, pods read, the sweep deletes, and nobody more.
import { weightFolders, weightsBucketName } from '../../../generators/schema/contract.ts'
import { folders } from '../../../model-server/store/weight-store.ts'
import { assert, describe } from '../../../test/spec.ts'
import { ofType } from '../../graph/graph.ts'
import { clusterNames, clusterOf, graphOf } from '../../test/graphs.ts'
import { copyStatements, readStatements, sweepStatements } from '../plan-weights.ts'

const bucketArn = 'arn:aws:s3:::b'
const resources = { bucketArn, keyArn: 'arn:aws:kms:us-east-1:1:key/1' }
const s3Rights = (statements: ReturnType<typeof readStatements>): string[] =>
  statements
    .flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .filter((action) => action.startsWith('s3:'))
        .flatMap((action) => [Resource].flat().map((on) => `${action} ${on}`)),
    )
    .sort()

describe('rights on weights', (test) => {
  const [name = ''] = clusterNames
  const cluster = clusterOf(name)

  test('of a model’s pod: to read what is there', () =>
    assert.equal(s3Rights(readStatements(cluster, resources)), [
      's3:GetObject arn:aws:s3:::b/manifests/*',
      's3:GetObject arn:aws:s3:::b/models/*',
      's3:ListBucket arn:aws:s3:::b',
    ]))

  test('of the copy: to add, and to delete nothing of a model', () => {
    const rights = s3Rights(copyStatements(cluster, resources))
    assert.equal(
      rights.filter((right) => right.startsWith('s3:DeleteObject')),
      ['s3:DeleteObject arn:aws:s3:::b/unused/*'],
    )
    assert.ok(rights.includes('s3:PutObject arn:aws:s3:::b/models/*'))
  })

  test('of the copy: to read buckets that the cluster file names, and no others', () => {
    const own = { ...cluster, weights: { ...cluster.weights, buckets: ['research'] } }
    const added = s3Rights(copyStatements(own, resources)).filter((right) => right.includes('research'))
    assert.equal(added, [
      's3:GetObject arn:aws:s3:::research',
      's3:GetObject arn:aws:s3:::research/*',
      's3:ListBucket arn:aws:s3:::research',
      's3:ListBucket arn:aws:s3:::research/*',
    ])
  })

  test('of the sweep: to write nothing but marks', () =>
    assert.equal(
      s3Rights(sweepStatements(cluster, resources)).filter((right) => right.startsWith('s3:PutObject')),
      ['s3:PutObject arn:aws:s3:::b/unused/*'],
    ))

  test('name the folders that the model server uses', () => assert.equal(folders, weightFolders))
})

for (const name of clusterNames)
  describe(`the weights bucket of ${name}`, (test) => {
    const cluster = clusterOf(name)

    if (cluster.weights.source === 'hub') {
      test('is not made, and no identity for it', async () => {
        const graph = await graphOf(cluster)
        assert.equal(
          graph.resources.filter(({ type, name }) => type.startsWith('aws:s3/') || name.includes('-weights')),
          [],
        )
      })
      return
    }

    test('is private, sealed with the cluster’s key, refuses plain HTTP, and ends abandoned uploads', async () => {
      const graph = await graphOf(cluster)
      const only = (type: string) => {
        const [found, ...more] = ofType(graph, type)
        assert.equal(more, [])
        return found?.inputs ?? {}
      }
      assert.is(only('aws:s3/bucket:Bucket').bucket, weightsBucketName(cluster.name, cluster.account))
      const block = only('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock')
      const isBlocked = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets']
      assert.equal(
        isBlocked.map((field) => block[field]),
        [true, true, true, true],
      )
      const rules = JSON.stringify(
        only('aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration').rules,
      )
      assert.match(rules, /"kmsMasterKeyId":"arn:aws:kms/)
      const policy = String(only('aws:s3/bucketPolicy:BucketPolicy').policy)
      assert.match(policy, /"Deny".*"aws:SecureTransport":"false"/)
      assert.match(
        JSON.stringify(only('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration').rules),
        /"abortIncompleteMultipartUpload":\{"daysAfterInitiation":1\}/,
      )
    })
  })
