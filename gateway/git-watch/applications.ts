// What git-watch asks of Argo CD, by way of the API server: the list of Applications, a look at Git, a sync of what drifted.
import type { ClusterClient } from '../directory/cluster-client.ts'
import type { Application, Drift } from './drift.ts'

const timeoutMs = 20_000
/** A thousand Applications with their status; more is not read into memory. */
const longestList = 64 * 1024 * 1024

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

  async list(): Promise<Application[]> {
    const { statusCode, body } = await this.#client.get(
      `${this.#collection}?resourceVersion=0`,
      AbortSignal.timeout(timeoutMs),
    )
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestList) throw new Error(`the list of Applications is longer than ${longestList} bytes`)
      chunks.push(chunk)
    }
    const text = Buffer.concat(chunks).toString()
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    return (JSON.parse(text) as { items: Application[] }).items
  }

  /** As a person's sync, which windows let through: of the drifted objects alone, to the commit that was synced last. */
  sync({ name, revision, resources, syncOptions }: Drift): Promise<void> {
    return this.#patch(name, {
      operation: {
        initiatedBy: { username: 'git-watch' },
        info: [{ name: 'Reason', value: 'drift inside a sync window' }],
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
