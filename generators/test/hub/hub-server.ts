// A Hub on loopback: the routes that the Hub's library uses, in the shapes the Hub answers with (huggingface.co API, 2026-09):
// model information, list of files in pages, `resolve` with a redirect of large files to another origin, `raw` for HEAD.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HubModel {
  id: string
  sha: string
  pipelineTag?: string
  licence?: string
  gated?: false | 'auto' | 'manual'
  library?: string
  tags?: string[]
  /** `base_model` of the card. */
  base?: string
  disabled?: true
  /** A name it had before: the Hub answers 307 with the new one in its place. */
  formerly?: string
  files: Record<string, Buffer>
  /** Bytes of files whose content ends early here: of weights only the header is. */
  sizes?: Record<string, number>
}

export interface Seen {
  method: string
  path: string
  host: 'hub' | 'cdn'
  authorization: string | undefined
  range: string | undefined
  /** Of the answer's body. */
  bytes: number
}

/** `halfway`: after half an answer the connection breaks, or nothing comes any more. */
export type Fault = { status: number; headers?: Record<string, string> } | { halfway: 'breaks' | 'stops' }

export interface HubServer {
  url: string
  seen: Seen[]
  /** Answers of the next requests instead of the right ones. */
  next: Fault[]
  /** Send whole files, whatever range was asked for. */
  ignoreRanges: boolean
  stop(): Promise<void>
}

const validToken = 'hf_test_token_of_the_account'
const pageSize = 3

export const testToken = validToken

/** A safetensors file whose weights are not there: only its header is, and the length that Content-Range gives. */
export function safetensors(tensors: Record<string, { dtype: string; shape: number[]; bytes: number }>): Buffer {
  let offset = 0
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
      const start = offset
      offset += bytes
      return [name, { dtype, shape, data_offsets: [start, offset] }]
    }),
  )
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(offset)])
}

export async function startHub(models: readonly HubModel[]): Promise<HubServer> {
  const state: Pick<HubServer, 'seen' | 'next' | 'ignoreRanges'> = { seen: [], next: [], ignoreRanges: false }
  let cdnUrl = ''
  const cdn = await listen((request, response) =>
    answerFile(request, response, 'cdn', findFile(models, request.url ?? '')),
  )
  cdnUrl = `http://localhost:${cdn.port}`
  const hub = await listen((request, response) => {
    const fault = state.next.shift()
    if (fault === undefined) return route(request, response)
    if (!('halfway' in fault)) return send(request, response, 'hub', fault.status, '', fault.headers)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"sha": "', () => fault.halfway === 'breaks' && response.destroy())
  })

  function send(
    request: IncomingMessage,
    response: ServerResponse,
    host: Seen['host'],
    status: number,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): void {
    const { authorization, range } = request.headers
    const bytes = Buffer.byteLength(body)
    state.seen.push({ method: request.method ?? '', path: request.url ?? '', host, authorization, range, bytes })
    response.writeHead(status, headers).end(body)
  }

  function route(request: IncomingMessage, response: ServerResponse): unknown {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '')
    const model = models.find(({ id }) => path.includes(`/${id}/`) || path.endsWith(`/${id}`))
    const json = (status: number, value: unknown, headers = {}) =>
      send(request, response, 'hub', status, JSON.stringify(value), { 'content-type': 'application/json', ...headers })
    const moved = models.find(({ formerly }) => formerly !== undefined && path.includes(`/${formerly}/`))
    if (moved?.formerly !== undefined)
      return send(request, response, 'hub', 307, '', {
        location: (request.url ?? '').replace(moved.formerly, moved.id),
      })
    // The Hub does not show a stranger whether a name is not there or only hidden.
    if (model === undefined && request.headers.authorization === undefined)
      return json(401, { error: 'Invalid username or password.' })
    if (model === undefined) return json(404, { error: 'Repository not found' }, { 'x-error-code': 'RepoNotFound' })
    const info = new RegExp(`^/api/models/${model.id}/revision/(.+)$`).exec(path)
    if (info !== null) {
      if (info[1] !== 'main' && info[1] !== model.sha)
        return json(404, { error: `Invalid rev id: ${info[1]}` }, { 'x-error-code': 'RevisionNotFound' })
      return json(200, {
        _id: '0123456789abcdef01234567',
        id: model.id,
        private: false,
        pipeline_tag: model.pipelineTag,
        gated: model.gated ?? false,
        downloads: 1,
        likes: 1,
        lastModified: '2026-01-01T00:00:00.000Z',
        sha: model.sha,
        ...(model.library === undefined ? {} : { library_name: model.library }),
        ...(model.disabled === undefined ? {} : { disabled: true }),
        cardData: {
          ...(model.licence === undefined ? {} : { license: model.licence }),
          ...(model.base === undefined ? {} : { base_model: model.base }),
        },
        tags: [...(model.tags ?? []), ...(model.licence === undefined ? [] : [`license:${model.licence}`])],
      })
    }
    if (model.gated && request.headers.authorization !== `Bearer ${validToken}`)
      return json(403, { error: `Access to model ${model.id} is restricted.` }, { 'x-error-code': 'GatedRepo' })
    if (path.startsWith(`/api/models/${model.id}/tree/`)) return list(request, model, json)
    if (request.method === 'HEAD')
      return send(request, response, 'hub', fileOf(model, path) === undefined ? 404 : 200, '')
    const file = fileOf(model, path)
    if (file === undefined) return json(404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' })
    if (path.endsWith('.safetensors'))
      return send(request, response, 'hub', 302, '', {
        location: `${cdnUrl}${request.url}`,
        'x-linked-size': String(file.length),
        'x-linked-etag': '"f"',
      })
    return answerFile(request, response, 'hub', file)
  }

  function list(
    request: IncomingMessage,
    { files, id, sha }: HubModel,
    json: (status: number, value: unknown, headers?: object) => void,
  ): void {
    const url = new URL(request.url ?? '', 'http://hub')
    const start = Number(url.searchParams.get('cursor') ?? 0)
    const entries = Object.entries(files).map(([path, content]) => ({
      type: 'file',
      oid: 'a'.repeat(40),
      size: content.length,
      path,
      ...(path.endsWith('.safetensors')
        ? { lfs: { oid: 'd'.repeat(64), size: content.length, pointerSize: 134 } }
        : {}),
    }))
    const more = start + pageSize < entries.length
    const next = `<http://127.0.0.1:${hub.port}/api/models/${id}/tree/${sha}?recursive=true&expand=false&cursor=${start + pageSize}>; rel="next"`
    json(200, entries.slice(start, start + pageSize), more ? { link: next } : {})
  }

  function answerFile(
    request: IncomingMessage,
    response: ServerResponse,
    host: Seen['host'],
    file: Buffer | undefined,
  ): unknown {
    if (file === undefined) return send(request, response, host, 404, '')
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (range === null || state.ignoreRanges) return send(request, response, host, 200, file, { etag: '"f"' })
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), file.length - 1)]
    return send(request, response, host, 206, file.subarray(start, end + 1), {
      etag: '"f"',
      'content-range': `bytes ${start}-${end}/${sizeOf(models, file)}`,
    })
  }

  const stopAll = async () => {
    await Promise.all(
      [hub, cdn].map(({ server }) => new Promise((resolve) => server.close(resolve).closeAllConnections())),
    )
  }
  return Object.assign(state, { url: `http://127.0.0.1:${hub.port}`, stop: stopAll })
}

const fileOf = ({ id, files }: HubModel, path: string): Buffer | undefined => {
  const match = new RegExp(`^/${id}/(?:resolve|raw)/[^/]+/(.+)$`).exec(path)
  return match?.[1] === undefined ? undefined : files[match[1]]
}

function sizeOf(models: readonly HubModel[], file: Buffer): number {
  const sizes = models.flatMap(({ files, sizes: own = {} }) =>
    Object.entries(files).flatMap(([path, content]) => (content === file ? (own[path] ?? []) : [])),
  )
  return sizes[0] ?? file.length
}

const findFile = (models: readonly HubModel[], url: string): Buffer | undefined =>
  models.map((model) => fileOf(model, decodeURIComponent(url.split('?')[0] ?? ''))).find((file) => file !== undefined)

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return { server, port: (server.address() as AddressInfo).port }
}
