// What git-watch asks of Argo CD, by way of the API server: the list of Applications, a look at Git, a sync of what drifted.
import type { ClusterClient } from '../discovery/cluster-client.ts'
import { gitWatchName } from '../discovery/contract.ts'
import type { Application, Drift } from './drift.ts'

const timeoutMs = 20_000
/** An Application is some 30 KB with its status and history; a page of them has room in the pod’s memory. */
const pageSize = 100
const longestPage = 32 * 1024 * 1024

/** For what goes by itself: a namespace that is still ending. Without `refresh`, which would sync a newer commit. */
const retry = { limit: 10, backoff: { duration: '5s', factor: 2, maxDuration: '2m' } }

interface Page {
  items: Application[]
  metadata?: { continue?: string }
}

export class ArgoApplications {
  readonly #client: ClusterClient
  readonly #collection: string
  readonly #root: string

  constructor(client: ClusterClient, namespace: string, root: string) {
    this.#client = client
    this.#collection = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`
    this.#root = root
  }

  /** As a webhook of the Git host would: the Application resolves its branch now. Argo CD takes the annotation away. */
  look(name = this.#root): Promise<void> {
    return this.#patch(name, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } })
  }

  /** All of them, page by page; of each only what is read here. */
  async list(): Promise<Application[]> {
    const all: Application[] = []
    let next = ''
    do {
      const page = await this.#page(next)
      for (const { metadata, spec, operation, status } of page.items)
        all.push({
          metadata: pick(metadata, ['name', 'deletionTimestamp']),
          spec: pick(spec, ['project', 'source', 'syncPolicy']),
          ...(operation === undefined ? {} : { operation }),
          ...(status === undefined ? {} : { status: pick(status, ['sync', 'operationState', 'resources']) }),
        })
      next = page.metadata?.continue ?? ''
    } while (next !== '')
    return all
  }

  async #page(next: string): Promise<Page> {
    const query = new URLSearchParams({ limit: String(pageSize), ...(next === '' ? {} : { continue: next }) })
    const { statusCode, body } = await this.#client.get(`${this.#collection}?${query}`, AbortSignal.timeout(timeoutMs))
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestPage) throw new Error(`${pageSize} Applications are more than ${longestPage} bytes`)
      chunks.push(chunk)
    }
    const text = Buffer.concat(chunks).toString()
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    return JSON.parse(text) as Page
  }

  /** As a person’s sync, which windows let through: of the drifted objects alone, to the commit that was synced last. */
  sync({ name, revision, resources, syncOptions }: Drift): Promise<void> {
    return this.#patch(name, {
      operation: {
        initiatedBy: { username: gitWatchName },
        info: [{ name: 'Reason', value: 'drift inside a sync window' }],
        retry,
        sync: { revision, resources, syncOptions },
      },
    })
  }

  async #patch(name: string, change: object): Promise<void> {
    const path = `${this.#collection}/${name}`
    const { statusCode, body } = await this.#client.mergePatch(path, change, AbortSignal.timeout(timeoutMs))
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${name}: ${statusCode} ${text.slice(0, 300)}`)
  }
}

const pick = <T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Pick<T, K>
