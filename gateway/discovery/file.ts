// The directory of a local run: one JSON file that is watched.
import { type FSWatcher, watch } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import {
  type Directory,
  type Endpoint,
  emptySnapshot,
  type ModelEntry,
  type Problem,
  type Snapshot,
  type Tenant,
} from './directory.ts'
import { EntryError, parseEndpoints, parseModel, parseTenant } from './parse-entry.ts'
import { buildSnapshot, type Sourced } from './snapshot.ts'

interface FileModel {
  annotations?: Record<string, string>
  endpoints?: Endpoint[]
  unavailable?: { reason: string }
}

/** How often the file is looked at where the system reports no change, in milliseconds. */
const pollMs = 1000

export class FileDirectory implements Directory {
  snapshot: Snapshot = emptySnapshot
  ready = false
  readonly #path: string
  readonly #listeners: ((snapshot: Snapshot) => void)[] = []
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  /** What the file looked like when it was last read. */
  #seen = ''
  #goneSince = 0
  #isGoneReported = false
  #reading = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  staleSeconds(): number {
    return this.#goneSince === 0 ? 0 : (performance.now() - this.#goneSince) / 1000
  }

  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#look()
    this.#timer = setInterval(() => this.#look(), pollMs)
    this.#timer.unref()
    try {
      // The folder, not the file: a file that is replaced by renaming is another one.
      this.#watcher = watch(dirname(this.#path), (_event, name) => {
        if (name === basename(this.#path)) this.#look()
      })
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // The folder may not be there yet; the timer finds the file.
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#watcher?.close()
    await this.#reading
  }

  #look(): void {
    this.#reading = this.#reading.then(() => this.#read())
  }

  async #read(): Promise<void> {
    const text = await this.#changed()
    if (text !== undefined) this.#take(text)
  }

  /** The file's text when it looks other than before. */
  async #changed(): Promise<string | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path)
      const looks = `${mtimeMs} ${size} ${ino}`
      this.#goneSince = 0
      this.#isGoneReported = false
      if (looks === this.#seen) return undefined
      const text = await readFile(this.#path, 'utf8')
      this.#seen = looks
      return text
    } catch (error) {
      this.#reportGone(error as NodeJS.ErrnoException)
      return undefined
    }
  }

  /** What was read last serves on. */
  #reportGone({ code }: NodeJS.ErrnoException): void {
    const now = performance.now()
    this.#goneSince ||= now
    // While it is being replaced, or another program has not written it yet, there is nothing to report.
    if (this.#isGoneReported || now - this.#goneSince < pollMs / 2) return
    this.#isGoneReported = true
    this.#seen = ''
    this.#publish({ ...this.snapshot, problems: [{ object: this.#path, message: `cannot be read (${code})` }] })
  }

  #take(text: string): void {
    let value: { models?: unknown; tenants?: unknown }
    try {
      value = JSON.parse(text) as typeof value
      if (!Array.isArray(value.models) || !Array.isArray(value.tenants)) throw new Error('lists are missing')
    } catch {
      const problem = { object: this.#path, message: 'is not JSON with the lists models and tenants' }
      this.#publish({ ...this.snapshot, problems: [problem] })
      return
    }
    const problems: Problem[] = []
    const models = this.#each(value.models as FileModel[], 'models', problems, readModel)
    const tenants = this.#each(
      value.tenants as object[],
      'tenants',
      problems,
      (one): Tenant => parseTenant(JSON.stringify(one)),
    )
    this.ready = true
    this.#publish(buildSnapshot(models, tenants, 1, problems))
  }

  #each<S, T>(values: readonly S[], list: string, problems: Problem[], read: (value: S) => T): Sourced<T>[] {
    return values.flatMap((value, index) => {
      const object = `${this.#path} ${list}[${index}]`
      try {
        return [{ object, entry: read(value) }]
      } catch (error) {
        problems.push({ object, message: error instanceof EntryError ? error.message : 'cannot be read' })
        return []
      }
    })
  }

  #publish(snapshot: Snapshot): void {
    this.snapshot = snapshot
    for (const listener of this.#listeners) listener(snapshot)
  }
}

const startedAt = Math.floor(Date.now() / 1000)

function readModel({ annotations = {}, endpoints = [], unavailable }: FileModel): ModelEntry {
  return {
    ...parseModel(annotations),
    endpoints: parseEndpoints(endpoints),
    created: startedAt,
    ...(unavailable && { unavailable: { reason: String(unavailable.reason) } }),
  }
}
