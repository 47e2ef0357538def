// A bucket of one’s own that answers as the Hub does, so that the lock of its model is read by the same code.
import { parse } from 'yaml'
import type { Bucket, BucketFile } from './bucket.ts'

export interface HashedFile extends BucketFile {
  sha256: string
}

/** Never asked: what is sent there is answered here. */
export const bucketHubUrl = 'https://bucket.invalid'

interface Card {
  license?: unknown
  license_name?: unknown
  pipeline_tag?: string
  base_model?: unknown
}

/** What the README says of the model above its text, as on the Hub. */
async function cardOf(bucket: Bucket, files: readonly HashedFile[]): Promise<Card> {
  const readme = files.find(({ path }) => path === 'README.md')
  const text = readme === undefined ? '' : (await bucket.read(readme.path, 0, readme.bytes)).toString()
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? []
  try {
    return (head === undefined ? undefined : (parse(head) as Card | null)) ?? {}
  } catch {
    return {}
  }
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } })

/** The routes that the Hub’s library uses: model information, list of files, bytes of a file. */
export function bucketHub(bucket: Bucket, files: readonly HashedFile[], revision: string): typeof fetch {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const information = async (): Promise<Response> => {
    const card = await cardOf(bucket, files)
    return json({
      _id: revision,
      id: bucket.address,
      sha: revision,
      private: true,
      gated: false,
      pipeline_tag: card.pipeline_tag,
      library_name: 'transformers',
      cardData: card,
      tags: [],
      downloads: 0,
      likes: 0,
      lastModified: '1970-01-01T00:00:00.000Z',
    })
  }
  const list = (): Response =>
    json(
      files.map(({ path, bytes, sha256 }) => ({
        type: 'file',
        path,
        size: bytes,
        oid: sha256,
        lfs: { oid: sha256, size: bytes, pointerSize: 0 },
      })),
    )
  return async (input, init) => {
    const request = new Request(input, init)
    const path = decodeURIComponent(new URL(request.url).pathname)
    const base = bucket.address
    const respond = async (): Promise<Response> => {
      if (path.startsWith(`/api/models/${base}/revision/`)) return information()
      if (path.startsWith(`/api/models/${base}/tree/`)) return list()
      const [, name = ''] = /^\/(?:resolve|raw)\/[^/]+\/(.+)$/.exec(path.slice(base.length + 1)) ?? []
      const file = byPath.get(name)
      if (file === undefined) return new Response('{}', { status: 404, headers: { 'x-error-code': 'EntryNotFound' } })
      return request.method === 'HEAD' ? new Response(null) : bytesOf(bucket, file, request.headers.get('range'))
    }
    // Responses made by hand have no address, which the Hub’s library looks at.
    return Object.defineProperty(await respond(), 'url', { value: request.url })
  }
}

async function bytesOf(bucket: Bucket, { path, bytes, sha256 }: HashedFile, range: string | null): Promise<Response> {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  const from = Number(first)
  const to = Math.min(bytes, last === '' ? bytes : Number(last) + 1)
  return new Response(await bucket.read(path, from, to), {
    status: 206,
    headers: { etag: sha256, 'content-range': `bytes ${from}-${to - 1}/${bytes}` },
  })
}
