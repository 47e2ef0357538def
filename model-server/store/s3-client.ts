// The few operations of S3 that weights need, over kept connections, signed by aws4fetch; what may pass is tried again.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AwsV4Signer } from 'aws4fetch'
import { exchange, readBytes, readText } from '../fetch/exchange.ts'
import { patiently, Unavailable, type Wait } from '../fetch/unavailable.ts'
import type { Environment } from '../hub/hub-source.ts'
import { UserMistake } from '../user-mistake.ts'
import { type CredentialSource, credentialSource } from './credentials.ts'
import { element, elements } from './s3-answer.ts'

export interface StoredObject {
  key: string
  bytes: number
  /** Milliseconds since 1970. */
  modified: number
}

export interface S3Options {
  bucket: string
  region: string
  /** Of another store than AWS’s; buckets are then parts of the path. */
  endpoint?: string
  credentials: CredentialSource
  stallSeconds: number
  wait: Wait
}

interface Operation {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  key?: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  /** For messages. */
  what: string
}

/** Codes of S3 that say “later”. */
const passing = new Set([
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'OperationAborted',
])

export class S3Client {
  readonly bucket: string
  readonly #options: S3Options
  readonly #root: URL

  constructor(options: S3Options) {
    this.#options = options
    this.bucket = options.bucket
    const { bucket, region, endpoint } = options
    this.#root = new URL(
      endpoint ? `${endpoint.replace(/\/*$/, '')}/${bucket}/` : `https://${bucket}.s3.${region}.amazonaws.com/`,
    )
  }

  /** Exactly these bytes. @throws UserMistake, Unavailable */
  read(key: string, from: number, to: number): Promise<Buffer> {
    const headers = { range: `bytes=${from}-${to - 1}` }
    return this.#run({ key, headers, what: `read ${key}` }, async (answer) => {
      if (answer.statusCode === 206) return readBytes(answer, to - from, key)
      answer.destroy()
      throw new Unavailable(`${key}: the store does not send ranges`)
    })
  }

  /** Undefined: there is no such object. */
  async readText(key: string): Promise<string | undefined> {
    return this.#run({ key, what: `read ${key}` }, (answer) => readText(answer, key), true)
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#run({ method: 'PUT', key, body, what: `write ${key}` }, drain)
  }

  async delete(key: string): Promise<void> {
    await this.#run({ method: 'DELETE', key, what: `delete ${key}` }, drain, true)
  }

  /** All keys below a prefix. */
  async list(prefix: string): Promise<StoredObject[]> {
    const found: StoredObject[] = []
    for (let token: string | undefined; ; ) {
      const query = { 'list-type': '2', prefix, ...(token === undefined ? {} : { 'continuation-token': token }) }
      const text = await this.#run({ query, what: `list ${prefix}` }, (answer) => readText(answer, prefix))
      for (const one of elements(text, 'Contents'))
        found.push({
          key: element(one, 'Key') ?? '',
          bytes: Number(element(one, 'Size')),
          modified: Date.parse(element(one, 'LastModified') ?? ''),
        })
      token = element(text, 'NextContinuationToken')
      if (element(text, 'IsTruncated') !== 'true' || token === undefined) return found
    }
  }

  /** Nothing is seen of an upload until it is completed. */
  async beginUpload(key: string): Promise<string> {
    const operation = { method: 'POST', key, query: { uploads: '' }, what: `begin ${key}` } as const
    const id = element(await this.#run(operation, (answer) => readText(answer, key)), 'UploadId')
    if (id === undefined) throw new Unavailable(`${key}: the store names no upload`)
    return id
  }

  /** Its tag, by which the upload is completed. */
  uploadPart(key: string, uploadId: string, partNumber: number, body: Uint8Array): Promise<string> {
    const query = { partNumber: String(partNumber), uploadId }
    return this.#run({ method: 'PUT', key, query, body, what: `write ${key}` }, async (answer) => {
      await drain(answer)
      return answer.headers.etag ?? ''
    })
  }

  async completeUpload(key: string, uploadId: string, tags: readonly string[]): Promise<void> {
    const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
    await this.#run({ method: 'POST', key, query: { uploadId }, body, what: `complete ${key}` }, async (answer) => {
      // S3 sends 200 before it knows, and an error as the body.
      const text = await readText(answer, key)
      if (element(text, 'ETag') === undefined) throw this.#error(200, text, `complete ${key}`)
    })
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#run({ method: 'DELETE', key, query: { uploadId }, what: `abort ${key}` }, drain, true)
  }

  async #run<Value>(operation: Operation, use: (answer: IncomingMessage) => Promise<Value>): Promise<Value>
  async #run<Value>(
    operation: Operation,
    use: (answer: IncomingMessage) => Promise<Value>,
    mayBeMissing: true,
  ): Promise<Value | undefined>
  async #run<Value>(
    operation: Operation,
    use: (answer: IncomingMessage) => Promise<Value>,
    mayBeMissing = false,
  ): Promise<Value | undefined> {
    return patiently(async () => {
      const answer = await this.#send(operation)
      const status = answer.statusCode ?? 0
      if (status < 300) return use(answer)
      const text = await readText(answer, operation.what)
      if (status === 404 && mayBeMissing && element(text, 'Code') !== 'NoSuchBucket') return undefined
      throw this.#error(status, text, operation.what)
    }, this.#options.wait)
  }

  async #send({ method = 'GET', key = '', query = {}, headers = {}, body }: Operation): Promise<IncomingMessage> {
    const { region, credentials, stallSeconds } = this.#options
    const url = new URL(key.split('/').map(encodeURIComponent).join('/'), this.#root)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    // S3 compares it with what arrives, so no part is stored that changed on its way.
    const sha256 = createHash('sha256')
      .update(body ?? '')
      .digest('hex')
    const signer = new AwsV4Signer({
      ...(await credentials()),
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
      service: 's3',
      region,
    })
    const signed = Object.fromEntries((await signer.sign()).headers)
    return exchange({ url, method, headers: signed, ...(body === undefined ? {} : { body }), stallSeconds })
  }

  #error(status: number, text: string, what: string): Error {
    const code = element(text, 'Code') ?? String(status)
    const message = `s3://${this.bucket}: cannot ${what}: ${code}${element(text, 'Message') ? ` (${element(text, 'Message')})` : ''}`
    if (status >= 500 || status === 429 || status === 200 || passing.has(code)) return new Unavailable(message)
    if (code === 'NoSuchBucket')
      return new UserMistake(`${message}; the platform program makes the bucket: npm run platform -- up`)
    if (status === 403) return new UserMistake(`${message}; the role of this pod does not allow it`)
    return new UserMistake(message)
  }
}

const drain = async (answer: IncomingMessage): Promise<void> => void (await readText(answer, 'answer'))

/** @throws UserMistake when the environment says too little */
export function s3Client(bucket: string, env: Environment, wait: Wait): S3Client {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION
  if (!region) throw new UserMistake(`s3://${bucket}: set AWS_REGION to the region of the bucket`)
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL
  return new S3Client({
    bucket,
    region,
    ...(endpoint ? { endpoint } : {}),
    credentials: credentialSource(env),
    stallSeconds: 30,
    wait,
  })
}
