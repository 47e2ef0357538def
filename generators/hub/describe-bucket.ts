// The lock of a model in a bucket of one’s own: a bucket knows no commits and no hashes, so every file is read, and the revision is a hash over all.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { engines } from '../engines/index.ts'
import type { Lock } from '../schema/lock.ts'
import type { Bucket, BucketFile } from './bucket.ts'
import { bucketHub, bucketHubUrl, type HashedFile } from './bucket-hub.ts'
import { describeModel, type Wanted } from './describe-model.ts'
import { HubProblem } from './hub-problem.ts'

/** What some engine reads, and the card; neither checkpoints of a training nor other formats. */
const isRead = ({ path }: BucketFile): boolean =>
  path === 'README.md' ||
  engines.some(({ files }) => {
    const matches = (pattern: string): boolean => posix.matchesGlob(path, pattern)
    return (
      files.some((pattern) => !pattern.startsWith('!') && matches(pattern)) &&
      !files.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))
    )
  })

/** In place of a commit: the same files are the same revision. */
export const revisionOfFiles = (files: readonly HashedFile[]): string =>
  createHash('sha256')
    .update(files.map(({ path, bytes, sha256 }) => `${path} ${bytes} ${sha256}\n`).join(''))
    .digest('hex')
    .slice(0, 40)

/** @param revision that the files shall have; undefined: any. Throws a HubProblem. */
export async function describeBucket(bucket: Bucket, revision: string | undefined, wanted: Wanted = {}): Promise<Lock> {
  const found = (await bucket.list()).filter(isRead)
  if (found.length === 0)
    throw new HubProblem(
      'no-model',
      `${bucket.address} has no file of a model`,
      'is the address right? write s3://BUCKET/FOLDER',
    )
  const files: HashedFile[] = []
  for (const file of found) files.push({ ...file, sha256: await bucket.sha256(file) })
  const actual = revisionOfFiles(files)
  if (revision !== undefined && revision !== actual)
    throw new HubProblem(
      'no-revision',
      `the files of ${bucket.address} are not those of revision ${revision}`,
      'npm run lock -- NAME --update takes them as they are now',
    )
  const hub = { url: bucketHubUrl, fetch: bucketHub(bucket, files, actual) }
  const lock = await describeModel(hub, bucket.address, actual, { ...wanted, own: true })
  const weights = new Set(lock.weightFiles?.map(({ name }) => name))
  const others = files.filter(({ path }) => !weights.has(path) && !path.endsWith('.safetensors'))
  return { ...lock, files: others.map(({ path, ...facts }) => ({ name: path, ...facts })) } as Lock
}
