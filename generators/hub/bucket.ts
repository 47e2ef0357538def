// The files of a model in a bucket of one’s own: listed, read by ranges, hashed on the way. Requests are signed by aws4fetch.
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import { HubProblem } from './hub-problem.ts'
import { patience, patientFetch } from './patient-fetch.ts'

export interface BucketSettings {
  region: string
  /** Of another store than AWS’s; the bucket is then part of the path. */
  endpoint?: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
}

export interface BucketFile {
  path: string
  bytes: number
}

/** Ranges of this size, eight at once: what a slow connection brings within the time of one request. */
const partBytes = 8 * 2 ** 20
const partsAtOnce = 8

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text of every such element of what S3 answers: flat XML without attributes. */
const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(\w+);/g, (all, entity: string) => entities[entity] ?? all),
  )

export class Bucket {
  /** `s3://BUCKET/FOLDER`. */
  readonly address: string
  readonly #folder: string
  readonly #root: string
  readonly #settings: BucketSettings
  readonly #fetch: typeof fetch

  constructor(address: string, settings: BucketSettings, limits = { ...patience, totalMs: Number.POSITIVE_INFINITY }) {
    const { hostname, pathname } = new URL(address)
    const { endpoint, region } = settings
    this.address = address
    this.#folder = `${pathname.slice(1)}/`
    this.#root = endpoint ? `${endpoint}/${hostname}/` : `https://${hostname}.s3.${region}.amazonaws.com/`
    this.#settings = settings
    this.#fetch = patientFetch(this.#root, limits)
  }

  /** In the order of their paths. */
  async list(): Promise<BucketFile[]> {
    const found: BucketFile[] = []
    for (let token: string | undefined; ; ) {
      const query = new URLSearchParams({ 'list-type': '2', prefix: this.#folder })
      if (token !== undefined) query.set('continuation-token', token)
      const text = await (await this.#ask(`${this.#root}?${query}`, {})).text()
      for (const one of elements(text, 'Contents')) {
        const path = elements(one, 'Key')[0]?.slice(this.#folder.length) ?? ''
        if (path !== '' && !path.endsWith('/')) found.push({ path, bytes: Number(elements(one, 'Size')[0]) })
      }
      token = elements(text, 'NextContinuationToken')[0]
      if (token === undefined) return found.sort((a, b) => (a.path < b.path ? -1 : 1))
    }
  }

  /** Exactly these bytes. */
  async read(path: string, from: number, to: number): Promise<Buffer> {
    if (to <= from) return Buffer.alloc(0)
    const key = `${this.#folder}${path}`.split('/').map(encodeURIComponent).join('/')
    const answer = await this.#ask(`${this.#root}${key}`, { range: `bytes=${from}-${to - 1}` })
    const part = Buffer.from(await answer.arrayBuffer())
    if (answer.status === 206 && part.length === to - from) return part
    throw new HubProblem(
      'answer',
      `${this.address}/${path} changed while it was read`,
      'try again when nobody writes it',
    )
  }

  async sha256({ path, bytes }: BucketFile): Promise<string> {
    const hash = createHash('sha256')
    const parts: Promise<Buffer>[] = []
    let next = 0
    const begin = (): void => {
      const from = next
      next = Math.min(bytes, from + partBytes)
      const part = this.read(path, from, next)
      part.catch(() => {})
      parts.push(part)
    }
    while (next < bytes || parts.length > 0) {
      while (next < bytes && parts.length < partsAtOnce) begin()
      hash.update((await parts.shift()) ?? '')
    }
    return hash.digest('hex')
  }

  async #ask(url: string, headers: Record<string, string>): Promise<Response> {
    const { region, credentials } = this.#settings
    const content = { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    const signer = new AwsV4Signer({ ...credentials, url, headers: content, service: 's3', region })
    const { headers: signed } = await signer.sign()
    const answer = await this.#fetch(url, { headers: signed }).catch((error: unknown) => {
      throw unreachable(error)
    })
    if (answer.ok) return answer
    throw this.#problem(answer, await answer.text())
  }

  #problem({ status, headers }: Response, text: string): HubProblem {
    const code = elements(text, 'Code')[0] ?? String(status)
    const home = headers.get('x-amz-bucket-region')
    if (home !== null && home !== this.#settings.region)
      return new HubProblem('answer', `the bucket of ${this.address} is in ${home}`, `set AWS_REGION=${home}`)
    return new HubProblem(
      'no-model',
      `${this.address} cannot be read: ${code}`,
      status === 403
        ? 'the credentials need s3:ListBucket and s3:GetObject for the bucket, and kms:Decrypt for its key'
        : 'is the address right? write s3://BUCKET/FOLDER',
    )
  }
}

/** The Hub’s words name a setting of the Hub. */
const unreachable = (error: unknown): unknown =>
  error instanceof HubProblem && error.rule === 'unreachable'
    ? new HubProblem('unreachable', error.message, 'this command needs the network', { cause: error })
    : error
