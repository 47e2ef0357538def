// One collection of the API server, kept in step: a list, then a watch from where the list ended, forever.
// Own code, since the common client stops at most errors, asks for no bookmarks and reconnects every half minute.
import { setTimeout as wait } from 'node:timers/promises'
import type { ClusterClient } from './cluster-client.ts'
import type { KubeObject } from './kube-types.ts'
import { LineSplitter } from './line-splitter.ts'

export interface ListWatchTimes {
  /** Longest silence on a watch: bookmarks come about once a minute. Milliseconds. */
  silenceMs: number
  /** First and longest pause after an error. Milliseconds. */
  backoffMs: number
  backoffMaxMs: number
  /** Longest list. Milliseconds. */
  listMs: number
  /** How long a watch is asked to last; up to a fifth more, so that pods do not all come back at once. Seconds. */
  watchSeconds: number
}

export const defaultTimes: ListWatchTimes = {
  silenceMs: 150_000,
  backoffMs: 500,
  backoffMaxMs: 30_000,
  listMs: 30_000,
  watchSeconds: 270,
}

/** After this many watches that failed at once, the place to go on from is given up too. */
const watchTries = 3

const pageSize = 500
const lineLimit = 1_048_576

interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: T & { code?: number }
}

interface ListAnswer<T> {
  metadata: { resourceVersion: string; continue?: string }
  items: T[]
}

/** The place to go on from is too old: only a new list helps. */
class Expired extends Error {}

export class ListWatch<T extends KubeObject> {
  /** By namespace and name. */
  #objects = new Map<string, T>()
  /** A first list was read. */
  listed = false
  /** When the API server was last heard, on the monotonic clock. */
  heardAt = performance.now()
  readonly #client: ClusterClient
  readonly #path: string
  readonly #selector: string
  readonly #onChange: () => void
  readonly #times: ListWatchTimes
  readonly #stop = new AbortController()
  #version = ''
  #failures = 0
  /** Lists in a row that the watch after them made useless. */
  #expiries = 0

  /** @param path of the collection, for example /api/v1/namespaces/models/services */
  constructor(client: ClusterClient, path: string, selector: string, onChange: () => void, times = defaultTimes) {
    this.#client = client
    this.#path = path
    this.#selector = encodeURIComponent(selector)
    this.#onChange = onChange
    this.#times = times
  }

  get objects(): Iterable<T> {
    return this.#objects.values()
  }

  /** The last try failed, and the API server was not heard since. */
  get failing(): boolean {
    return this.#failures > 0
  }

  start(): void {
    void this.#run()
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startedAt = performance.now()
      try {
        if (this.#version === '') await this.#list()
        await this.#watch()
        // A server that ends every watch at once must not be asked without a pause.
        if (performance.now() - startedAt < this.#times.backoffMs) await this.#pause()
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const isExpired = error instanceof Expired && this.#version !== ''
        if (isExpired) this.#expiries += 1
        // The first time nothing is wrong: a watch may have rested for too long.
        if (!isExpired || this.#expiries > 1) await this.#pause()
        if (isExpired || this.#failures >= watchTries) this.#version = ''
      }
    }
  }

  async #pause(): Promise<void> {
    const { backoffMs, backoffMaxMs } = this.#times
    const longest = Math.min(backoffMs * 2 ** Math.max(this.#failures, this.#expiries), backoffMaxMs)
    this.#failures += 1
    await wait(longest * (0.5 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => {})
  }

  #heard(): void {
    this.heardAt = performance.now()
    this.#failures = 0
  }

  /** Reads all pages, then swaps: nobody ever sees half a list. */
  async #list(): Promise<void> {
    const found = new Map<string, T>()
    let next = ''
    let version: string
    do {
      const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`
      const { statusCode, body } = await this.#get(
        `?labelSelector=${this.#selector}&limit=${pageSize}${more}`,
        AbortSignal.timeout(this.#times.listMs),
      )
      if (statusCode !== 200) {
        await body.dump()
        throw statusCode === 410 ? new Expired() : new Error(`list: status ${statusCode}`)
      }
      const answer = (await body.json()) as ListAnswer<T>
      for (const item of answer.items ?? []) found.set(keyOf(item), item)
      next = answer.metadata.continue ?? ''
      version = answer.metadata.resourceVersion
    } while (next !== '')
    this.#objects = found
    this.#version = version
    this.listed = true
    this.#heard()
    this.#onChange()
  }

  async #watch(): Promise<void> {
    const seconds = Math.round(this.#times.watchSeconds * (1 + Math.random() / 5))
    const silence = new AbortController()
    const guard = setTimeout(() => silence.abort(), this.#times.silenceMs)
    try {
      const { statusCode, body } = await this.#get(
        `?labelSelector=${this.#selector}&watch=1&allowWatchBookmarks=true&resourceVersion=${this.#version}&timeoutSeconds=${seconds}`,
        silence.signal,
      )
      if (statusCode !== 200) {
        await body.dump()
        throw statusCode === 410 ? new Expired() : new Error(`watch: status ${statusCode}`)
      }
      const lines = new LineSplitter(lineLimit)
      for await (const part of body) {
        guard.refresh()
        for (const line of lines.push(part as Buffer)) this.#take(line)
      }
    } finally {
      clearTimeout(guard)
    }
  }

  #get(query: string, signal?: AbortSignal) {
    const signals = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
    return this.#client.get(this.#path + query, signals)
  }

  #take(line: string): void {
    let event: WatchEvent<T>
    try {
      event = JSON.parse(line) as WatchEvent<T>
    } catch {
      // Something was lost, nobody knows what: only a list is sure.
      throw new Expired()
    }
    if (event.type === 'ERROR') throw event.object.code === 410 ? new Expired() : new Error('watch: error event')
    this.#expiries = 0
    const version = event.object.metadata?.resourceVersion
    if (version) this.#version = version
    this.#heard()
    if (event.type === 'BOOKMARK') return
    if (event.type === 'DELETED') this.#objects.delete(keyOf(event.object))
    else this.#objects.set(keyOf(event.object), event.object)
    this.#onChange()
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: KubeObject): string => `${namespace}/${name}`
