// Speaks to a Hub: lists a revision's files, and hands one of them to Hugging Face’s own library, which reads ranges and Xet.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import {
  downloadFile,
  type FileDownloadInfoOutput,
  fileDownloadInfo,
  InvalidApiResponseFormatError,
} from '@huggingface/hub'
import { exchange, readBytes, readText } from '../fetch/exchange.ts'
import type { RemoteFile, WantedFile } from '../fetch/remote-file.ts'
import { Unavailable } from '../fetch/unavailable.ts'
import { UserMistake } from '../user-mistake.ts'
import { type Asked, refusal } from './refusal.ts'

export interface Listing {
  /** 40 hex digits. */
  commit: string
  files: WantedFile[]
}

export interface HubOptions {
  endpoint: string
  token: string | undefined
  /** Seconds without a byte until an answer counts as lost. */
  stallSeconds: number
}

const redirects = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

export class HubClient {
  readonly #endpoint: URL
  readonly #options: HubOptions
  /** Where the Hub sent a reader of a file: the next range of it asks there. */
  readonly #places = new Map<string, URL>()

  /** @throws UserMistake when the endpoint is no URL */
  constructor(options: HubOptions) {
    this.#options = options
    try {
      this.#endpoint = new URL(options.endpoint.replace(/\/*$/, '/'))
    } catch {
      throw new UserMistake(`HF_ENDPOINT ${options.endpoint}: not a URL; write it as https://huggingface.co`)
    }
  }

  /** @throws UserMistake, Unavailable */
  async list(model: string, revision: string): Promise<Listing> {
    const url = new URL(`api/models/${model}/revision/${encodeURIComponent(revision)}?blobs=true`, this.#endpoint)
    const answer = await this.#answer({ model, revision }, url, {})
    const { sha, siblings } = parseListing(await readText(answer, this.#endpoint.host), this.#endpoint)
    const files = siblings.map(({ rfilename, size, blobId, lfs }) => ({
      path: safePath(rfilename, model),
      bytes: Number(lfs?.size ?? size ?? 0),
      sha256: typeof lfs?.sha256 === 'string' ? lfs.sha256 : undefined,
      // Of a large file it names the pointer that Git holds in its place.
      gitBlob: typeof blobId === 'string' && lfs === undefined ? blobId : undefined,
    }))
    return { commit: sha, files }
  }

  /** @throws UserMistake, Unavailable */
  async file(model: string, commit: string, file: WantedFile): Promise<RemoteFile> {
    const { path, bytes } = file
    const asked = { model, revision: commit, file: path }
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    const url = new URL(`${model}/resolve/${commit}/${encoded}`, this.#endpoint)
    const ask: typeof fetch = (input, init) => this.#fetch(asked, String(input), init)
    // The token is added below, and only for the Hub: the library takes no other form than the Hub’s own.
    const params = {
      repo: model,
      path: encoded,
      revision: commit,
      hubUrl: this.#endpoint.href.slice(0, -1),
      fetch: ask,
    }
    const info = await describe(params, { size: bytes, etag: '', url: url.href }, file).catch((error: unknown) => {
      if (error instanceof NoRanges) return undefined
      throw error
    })
    if (info === undefined) return { read: inOrder, stream: (from) => this.#whole(asked, url, from) }
    const blob = await downloadFile({ ...params, downloadInfo: info })
    if (blob === null || info.size !== bytes)
      throw new Unavailable(`${path}: ${info.size} bytes are offered, ${bytes} are listed`)
    if (info.xet)
      return { read: inOrder, stream: (from) => blob.slice(from, bytes).stream() as ReadableStream<Uint8Array> }
    return {
      read: async (from, to) => {
        const part = new Uint8Array(await blob.slice(from, to).arrayBuffer())
        if (part.length === to - from) return part
        throw new Unavailable(`${path}: ${part.length} bytes came, ${to - from} were asked for`)
      },
    }
  }

  /** From a server that knows no ranges: all of it, and what is there already is thrown away. */
  async *#whole(asked: Asked, url: URL, from: number): AsyncGenerator<Uint8Array> {
    let at = 0
    for await (const chunk of (await this.#answer(asked, url, {})) as AsyncIterable<Buffer>) {
      if (at + chunk.length > from) yield chunk.subarray(Math.max(0, from - at))
      at += chunk.length
    }
  }

  /** What the library asks with: kept connections, the token for the Hub alone, no range believed that was not asked for. */
  async #fetch(asked: Asked, input: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input)
    const headers = Object.fromEntries(new Headers(init.headers))
    // Xet’s stores have tokens and refusals of their own, which the library knows.
    if (url.origin !== this.#endpoint.origin) return asResponse(await this.#request(url, headers, init.method))
    const { range } = headers
    const answer = await this.#answer(asked, url, headers)
    const isDescription = /xet-fileinfo/.test(answer.headers['content-type'] ?? '')
    if (range !== undefined && !isDescription && !isRange(answer, range)) {
      answer.destroy()
      if (range === firstByte && answer.statusCode === 200) throw new NoRanges()
      throw new Unavailable(`${this.#endpoint.host}: ${asked.file} is not sent by ranges`)
    }
    if (range === undefined || isDescription) return asResponse(answer)
    const [first = 0, last = 0] = range.slice('bytes='.length).split('-').map(Number)
    return new WholeResponse(await readBytes(answer, last - first + 1, this.#endpoint.host), answerHead(answer))
  }

  /** Follows redirects. @throws UserMistake, Unavailable */
  async #answer(asked: Asked, first: URL, headers: Record<string, string>): Promise<IncomingMessage> {
    const known = this.#places.get(first.href)
    let url = known ?? first
    for (let hop = 0; hop <= mostRedirects; hop += 1) {
      const answer = await this.#request(url, headers)
      const status = answer.statusCode ?? 0
      if (status < 300) return answer
      answer.resume()
      if (redirects.has(status)) {
        url = new URL(answer.headers.location ?? '', url)
        this.#places.set(first.href, url)
        continue
      }
      this.#places.delete(first.href)
      // Signed places end after a while.
      if (url === known && [401, 403, 404, 410].includes(status)) url = first
      else throw refusal(answer, asked, this.#endpoint, this.#options.token !== undefined)
    }
    throw new Unavailable(`${this.#endpoint.host}: more than ${mostRedirects} redirects`)
  }

  #request(url: URL, headers: Record<string, string>, method?: string): Promise<IncomingMessage> {
    const { token, stallSeconds } = this.#options
    // The files lie with others, whom the token does not concern.
    const authorization: Record<string, string> =
      token !== undefined && url.origin === this.#endpoint.origin ? { authorization: `Bearer ${token}` } : {}
    return exchange({
      url,
      ...(method === undefined ? {} : { method }),
      // Compressed bytes could not be continued or counted.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'slipway-model-server', ...headers, ...authorization },
      stallSeconds,
    })
  }
}

class NoRanges extends Error {}

/** The bytes of a range, which the library asks for as a whole: a Response copies what it is given, and once more what it gives. */
class WholeResponse extends Response {
  override readonly arrayBuffer: () => Promise<ArrayBuffer>

  constructor({ buffer }: Buffer<ArrayBuffer>, head: ResponseInit) {
    super(null, head)
    this.arrayBuffer = () => Promise.resolve(buffer)
  }
}

/** With which the library asks for the size. */
const firstByte = 'bytes=0-0'

/** Size and place of a file. What has no hash of its own is in Git itself, so there is nothing to ask; a mirror may say less than the Hub. */
async function describe(
  params: Parameters<typeof fileDownloadInfo>[0],
  known: FileDownloadInfoOutput,
  { sha256, path }: WantedFile,
): Promise<FileDownloadInfoOutput> {
  if (sha256 === undefined) return known
  const info = await fileDownloadInfo(params).catch((error: unknown) => {
    if (error instanceof InvalidApiResponseFormatError) return known
    throw error
  })
  if (info === null) throw new UserMistake(`${params.repo} has no file ${path} at ${params.revision}`)
  return info
}

const inOrder = (): Promise<never> => Promise.reject(new Error('this file is read in order'))

const isRange = ({ statusCode, headers }: IncomingMessage, range: string): boolean =>
  statusCode === 206 && headers['content-range']?.split('/')[0]?.replace(' ', '=') === range

function answerHead(answer: IncomingMessage): { status: number; headers: Headers } {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value))
  return { status: answer.statusCode ?? 502, headers }
}

function asResponse(answer: IncomingMessage): Response {
  const head = answerHead(answer)
  const isEmpty = head.status === 204 || head.status === 304
  return new Response(isEmpty ? null : (Readable.toWeb(answer) as globalThis.ReadableStream), head)
}

interface ListedFile {
  rfilename?: unknown
  size?: unknown
  blobId?: unknown
  lfs?: { sha256?: unknown; size?: unknown }
}

function parseListing(text: string, endpoint: URL): { sha: string; siblings: ListedFile[] } {
  try {
    const { sha, siblings } = JSON.parse(text) as { sha?: unknown; siblings?: ListedFile[] }
    if (typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha) && Array.isArray(siblings)) return { sha, siblings }
  } catch (error) {
    throw new Unavailable(`${endpoint.host}: its list of files is broken off or no JSON`, { cause: error })
  }
  throw new Unavailable(`${endpoint.host}: does not answer as a Hub does`)
}

/** Names come from outside and become paths. @throws UserMistake */
export function safePath(name: unknown, model: string): string {
  const isSafe =
    typeof name === 'string' &&
    !name.includes('\\') &&
    !name.includes('\0') &&
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isSafe) return name
  throw new UserMistake(`${model} lists a file with the name ${JSON.stringify(name)}, which leads out of its directory`)
}
