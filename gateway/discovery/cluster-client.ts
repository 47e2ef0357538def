// The API server from inside a pod: its address, its certificate, and a token that is renewed under our feet.
import { readFileSync } from 'node:fs'
import { Pool } from 'undici'

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Kubernetes renews the file about once an hour, well before the old token ends. */
const tokenMs = 60_000

export interface ClusterAccess {
  /** For example https://172.20.0.1:443 */
  origin: string
  /** PEM; undefined: the system's authorities. */
  ca?: string
  cert?: string
  key?: string
  token?: () => string
}

export class ClusterClient {
  readonly #pool: Pool
  readonly #token: (() => string) | undefined

  constructor({ origin, ca, cert, key, token }: ClusterAccess) {
    this.#token = token
    this.#pool = new Pool(origin, {
      // Six watches hold a connection each.
      connections: 8,
      connect: { timeout: 5000, ca, cert, key, keepAlive: true, keepAliveInitialDelay: 15_000 },
      headersTimeout: 30_000,
      // A watch is silent for minutes; its reader has its own limit.
      bodyTimeout: 0,
    })
  }

  /** With the pod's own service account; undefined outside of a pod. */
  static inCluster(
    env: Readonly<Record<string, string | undefined>>,
    folder = serviceAccountFolder,
  ): ClusterClient | undefined {
    const host = env.KUBERNETES_SERVICE_HOST
    if (!host) return undefined
    const address = host.includes(':') ? `[${host}]` : host
    let token = ''
    let readAt = Number.NEGATIVE_INFINITY
    return new ClusterClient({
      origin: `https://${address}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
      ca: readFileSync(`${folder}/ca.crt`, 'utf8'),
      token: () => {
        if (performance.now() - readAt > tokenMs) {
          token = readFileSync(`${folder}/token`, 'utf8').trim()
          readAt = performance.now()
        }
        return token
      },
    })
  }

  async get(path: string, signal: AbortSignal) {
    return this.#pool.request({ path, method: 'GET', headers: this.#headers(), signal })
  }

  /** A JSON merge patch: the named fields alone change. */
  async mergePatch(path: string, change: object, signal: AbortSignal) {
    const headers = { ...this.#headers(), 'content-type': 'application/merge-patch+json' }
    return this.#pool.request({ path, method: 'PATCH', headers, body: JSON.stringify(change), signal })
  }

  #headers(): Record<string, string> {
    const token = this.#token?.()
    return { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}
