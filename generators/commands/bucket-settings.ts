// As whom and where a bucket is read: the environment variables of AWS, else what its CLI knows of profiles and single sign-on.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UsageError } from '../command-line/command.ts'
import type { BucketSettings } from '../hub/bucket.ts'

type Environment = Record<string, string | undefined>

export async function readBucketSettings(environment: Environment): Promise<BucketSettings> {
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION
  if (!region) throw new UsageError('set AWS_REGION to the region of the bucket')
  const endpoint = (environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL)?.replace(/\/+$/, '')
  return { region, ...(endpoint ? { endpoint } : {}), credentials: await credentialsOf(environment) }
}

async function credentialsOf({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: Environment): Promise<BucketSettings['credentials']> {
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  try {
    const { stdout } = await promisify(execFile)('aws', ['configure', 'export-credentials', '--format', 'process'])
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout) as Record<string, string>
    if (AccessKeyId && SecretAccessKey)
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        ...(SessionToken ? { sessionToken: SessionToken } : {}),
      }
  } catch {
    // Said below, in the words of a person that has neither.
  }
  throw new UsageError(
    'no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI',
  )
}
