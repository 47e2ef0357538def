// A Hub on loopback: the API's list, resolve with a redirect to another host, ranges, and every way to fail once.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const commit = '0123456789abcdef0123456789abcdef01234567'

export interface Seen {
  host: 'hub' | 'cdn'
  url: string
  range: string | undefined
  authorization: string | undefined
}

/** What happens to the next request for a file instead of an answer. */
export type Trouble =
  | { status: number; headers?: Record<string, string> }
  /** This many bytes come, then the connection breaks. */
  | { cutAfter: number }
  /** The rest never comes. */
  | { stallAfter: number }
  | 'nothing'
  | 'ignoreRange'
  | 'wrongRange'
  | 'longer'

export class FakeHub {
  readonly files: Readonly<Record<string, Buffer>>
  readonly seen: Seen[] = []
  /** Revisions that it has, all with the same files; `main` is the first. */
  readonly commits = [commit]
  readonly troubles: Trouble[] = []
  /** Answers to the list, before the real one. */
  readonly listTroubles: { status: number; headers?: Record<string, string> }[] = []
  /** Names in the list that are no files of ours. */
  readonly extraNames: string[] = []
  hasRanges = true
  /** Of every large file, in place of its own. */
  listedHash: string | undefined
  /** A mirror may leave them out. */
  hasTags = true
  /** Token without which everything is 401. */
  token: string | undefined
  readonly #hub: Server
  readonly #cdn: Server

  constructor(files: Readonly<Record<string, Buffer | string>>) {
    this.files = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]))
    this.#hub = createServer((request, response) => this.#onHub(request, response))
    this.#cdn = createServer((request, response) => this.#onCdn(request, response))
  }

  async start(): Promise<string> {
    for (const server of [this.#hub, this.#cdn])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`
  }

  stop(): void {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections()
      server.close()
    }
  }

  requests(host: 'hub' | 'cdn'): Seen[] {
    return this.seen.filter((one) => one.host === host)
  }

  #see(host: 'hub' | 'cdn', { url = '', headers }: IncomingMessage): void {
    this.seen.push({ host, url, range: headers.range, authorization: headers.authorization })
  }

  #onHub(request: IncomingMessage, response: ServerResponse): void {
    this.#see('hub', request)
    const url = request.url ?? ''
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`)
      return void response.writeHead(401).end()
    if (/^\/api\/models\/acme\/tiny\/revision\//.test(url)) return void this.#list(url, response)
    const [, revision, path = ''] = /^\/acme\/tiny\/resolve\/([^/]+)\/(.+)$/.exec(url) ?? []
    if (!this.commits.includes(revision ?? ''))
      return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end()
    const file = this.files[decodeURIComponent(path)]
    if (!file) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()
    // Small files come from the Hub itself, by a path; large ones from elsewhere.
    if (file.length < 1000) return void this.#send(request, response, file)
    const { port } = this.#cdn.address() as AddressInfo
    response.writeHead(302, { location: `http://127.0.0.1:${port}/blob/${path}?signature=x` }).end()
  }

  #list(url: string, response: ServerResponse): void {
    const trouble = this.listTroubles.shift()
    if (trouble) return void response.writeHead(trouble.status, trouble.headers).end()
    const [, revision = ''] = /revision\/(main|[0-9a-f]{40})\?blobs=true$/.exec(url) ?? []
    const sha = revision === 'main' ? commit : this.commits.find((one) => one === revision)
    if (sha === undefined) return void response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end()
    const siblings = Object.entries(this.files).map(([rfilename, content]) => ({
      rfilename,
      size: content.length,
      ...(content.length >= 1000 && { lfs: { sha256: this.listedHash ?? sha256(content), size: content.length } }),
    }))
    const extra = this.extraNames.map((rfilename) => ({ rfilename, size: 1 }))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ id: 'acme/tiny', sha, siblings: [...siblings, ...extra] }))
  }

  #onCdn(request: IncomingMessage, response: ServerResponse): void {
    this.#see('cdn', request)
    const path = decodeURIComponent(/^\/blob\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '')
    this.#send(request, response, this.files[path] ?? Buffer.alloc(0))
  }

  #send(request: IncomingMessage, response: ServerResponse, file: Buffer): void {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    // The library asks for the first byte to learn the size.
    const trouble = first === '0' && last === '0' ? undefined : this.troubles.shift()
    if (typeof trouble === 'object' && 'status' in trouble)
      return void response.writeHead(trouble.status, trouble.headers).end()
    const isRange = first !== '' && trouble !== 'ignoreRange' && this.hasRanges
    const from = isRange ? Number(first) : 0
    const to = isRange && last !== '' ? Math.min(Number(last) + 1, file.length) : file.length
    if (from > 0 && from >= file.length) return void response.writeHead(416).end()
    const content = file.subarray(from, to)
    const body = trouble === 'longer' ? Buffer.concat([content, Buffer.from('more')]) : content
    const begin = trouble === 'wrongRange' ? from + 1 : from
    response.writeHead(isRange ? 206 : 200, {
      'content-length': body.length,
      ...(this.hasTags && { etag: `"${sha256(file)}"` }),
      ...(isRange && { 'content-range': `bytes ${begin}-${to - 1}/${file.length}` }),
    })
    if (typeof trouble === 'object' && 'cutAfter' in trouble)
      return void response.write(body.subarray(0, trouble.cutAfter), () => setTimeout(() => response.destroy(), 20))
    if (typeof trouble === 'object' && 'stallAfter' in trouble)
      return void response.write(body.subarray(0, trouble.stallAfter))
    response.end(body)
  }
}

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
