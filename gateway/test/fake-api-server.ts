// A Kubernetes API server of a few hundred lines less: lists with pages, watches with events and bookmarks, and the
// faults that real ones have.
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { KubeObject } from '../discovery/kube-types.ts'

export interface Collection {
  objects: Map<string, KubeObject>
  watchers: Set<ServerResponse>
}

export class FakeApiServer {
  readonly collections = new Map<string, Collection>()
  /** Lists and watches that were asked for, oldest first. */
  readonly asked: { kind: 'list' | 'watch'; path: string; query: URLSearchParams; authorization: string }[] = []
  /** Each collection's next watch answers 410, as a status or as an event. */
  readonly #expired = new Map<string, 'status' | 'event'>()
  /** Watches are accepted and then silent, with nothing on the wire. */
  silent = false
  /** Lists are never answered; watches fail at once. */
  silentLists = false
  failingWatches = false
  /** Each page of a list takes this long. */
  listDelayMs = 0
  pageSize = 2
  version = 100
  port = 0
  #server: Server | undefined

  async start(port = 0): Promise<void> {
    this.#server = createServer((req, res) =>
      this.#answer(new URL(req.url ?? '/', 'http://x'), req.headers.authorization ?? '', res),
    )
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
    for (const { watchers } of this.collections.values()) watchers.clear()
  }

  collection(path: string): Collection {
    let found = this.collections.get(path)
    if (!found) {
      found = { objects: new Map(), watchers: new Set() }
      this.collections.set(path, found)
    }
    return found
  }

  /** Creates or changes an object and notifies the watchers. */
  put(path: string, object: KubeObject): void {
    const { objects } = this.collection(path)
    const { name } = object.metadata
    const type = objects.has(name) ? 'MODIFIED' : 'ADDED'
    this.version += 1
    const stored = {
      ...object,
      metadata: {
        uid: name,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...object.metadata,
        resourceVersion: String(this.version),
      },
    }
    objects.set(name, stored)
    this.#report(path, JSON.stringify({ type, object: stored }))
  }

  remove(path: string, name: string): void {
    const { objects } = this.collection(path)
    const object = objects.get(name)
    if (!object) return
    objects.delete(name)
    this.version += 1
    this.#report(
      path,
      JSON.stringify({
        type: 'DELETED',
        object: { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } },
      }),
    )
  }

  bookmark(path: string): void {
    this.version += 1
    this.#report(
      path,
      JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.version) } } }),
    )
  }

  /** Bytes as they are, to every watcher. */
  say(path: string, text: string): void {
    for (const res of this.collection(path).watchers) res.write(text)
  }

  /** What happened until now is forgotten: going on from an older version answers 410, once for each collection. */
  expire(fault: 'status' | 'event', paths: Iterable<string> = this.collections.keys()): void {
    for (const path of paths) this.#expired.set(path, fault)
  }

  dropWatches(paths: Iterable<string> = this.collections.keys()): void {
    for (const path of paths) {
      const { watchers } = this.collection(path)
      for (const res of watchers) res.destroy()
      watchers.clear()
    }
  }

  #report(path: string, line: string): void {
    if (this.silent) return
    // In two pieces: a line may arrive cut anywhere.
    const half = Math.floor(line.length / 2)
    for (const res of this.collection(path).watchers) {
      res.write(line.slice(0, half))
      res.write(`${line.slice(half)}\n`)
    }
  }

  #answer({ pathname, searchParams }: URL, authorization: string, res: ServerResponse): void {
    const isWatch = searchParams.get('watch') === '1'
    this.asked.push({ kind: isWatch ? 'watch' : 'list', path: pathname, query: searchParams, authorization })
    if (isWatch) this.#watch(pathname, res)
    else void this.#list(pathname, searchParams, res)
  }

  async #list(path: string, query: URLSearchParams, res: ServerResponse): Promise<void> {
    if (this.silentLists) return
    if (this.listDelayMs > 0) await wait(this.listDelayMs)
    const all = [...this.collection(path).objects.values()]
    const from = Number(query.get('continue') ?? 0)
    const to = Math.min(from + this.pageSize, all.length)
    const metadata = { resourceVersion: String(this.version), ...(to < all.length && { continue: String(to) }) }
    res
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ metadata, items: all.slice(from, to) }))
  }

  #watch(path: string, res: ServerResponse): void {
    if (this.failingWatches) {
      res.writeHead(500).end()
      return
    }
    const fault = this.#expired.get(path)
    this.#expired.delete(path)
    if (fault === 'status') {
      res.writeHead(410, { 'content-type': 'application/json' }).end('{"kind":"Status","code":410}')
      return
    }
    res.writeHead(200, { 'content-type': 'application/json' })
    res.flushHeaders()
    if (fault === 'event') {
      res.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`)
      return
    }
    const { watchers } = this.collection(path)
    watchers.add(res)
    res.on('close', () => watchers.delete(res))
  }
}
