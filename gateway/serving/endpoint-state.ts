// What the gateway knows of one endpoint: its connections, how much it does now, and how well it is.
import { Pool } from 'undici'
import type { Config } from '../config.ts'
import type { Endpoint } from '../discovery/directory.ts'
import { Connections } from '../wire/connections.ts'
import { EndpointHealth, type HealthConfig } from './health.ts'

export type EndpointConfig = Pick<
  Config,
  'CONNECT_SECONDS' | 'UPSTREAM_CONNECTIONS' | 'UPSTREAM_KEEP_ALIVE_SECONDS' | 'SLOW_START_SECONDS'
> &
  HealthConfig

export class EndpointState {
  readonly key: string
  readonly origin: string
  /** Connections for inference. */
  readonly connections: Connections
  /** Number for rendezvous hashing. */
  readonly hash: number
  /** Takes new requests; false while it is going away. */
  ready: boolean
  /** Requests now. */
  inflight = 0
  /** Tokens that these requests may cost. */
  load = 0
  readonly health: EndpointHealth
  readonly #config: EndpointConfig
  readonly #since: number
  #controlPool: Pool | undefined
  #leaving = false

  constructor(endpoint: Endpoint, config: EndpointConfig, now: number) {
    this.key = endpointKey(endpoint)
    const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address
    this.origin = `http://${host}:${endpoint.port}`
    this.connections = new Connections(endpoint, `${host}:${endpoint.port}`, {
      most: config.UPSTREAM_CONNECTIONS,
      connectMs: config.CONNECT_SECONDS * 1000,
      keepAliveMs: config.UPSTREAM_KEEP_ALIVE_SECONDS * 1000,
    })
    this.hash = hashText(this.key)
    this.ready = endpoint.ready
    this.health = new EndpointHealth(config)
    this.#config = config
    this.#since = now
  }

  /** Connections for the small calls that @fastify/http-proxy carries, which wants undici; made at the first of them. */
  get controlPool(): Pool {
    this.#controlPool ??= new Pool(this.origin, {
      connections: this.#config.UPSTREAM_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: this.#config.UPSTREAM_KEEP_ALIVE_SECONDS * 1000,
      keepAliveMaxTimeout: this.#config.UPSTREAM_KEEP_ALIVE_SECONDS * 1000,
      connect: { timeout: this.#config.CONNECT_SECONDS * 1000 },
      // The gateway has its own limits, which know pings and stalls.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    return this.#controlPool
  }

  /** Share of a full load that it should get, growing from 0.1 to 1 after it appeared. */
  warmth(now: number): number {
    const share = (now - this.#since) / (this.#config.SLOW_START_SECONDS * 1000)
    return share >= 1 ? 1 : Math.max(0.1, share)
  }

  begin(tokens: number): void {
    this.inflight += 1
    this.load += tokens
  }

  end(tokens: number): void {
    this.inflight -= 1
    this.load -= tokens
    if (this.#leaving && this.inflight === 0) this.#disconnect()
  }

  /** It is gone from the directory: its connections close when its last request ends. */
  leave(): void {
    this.#leaving = true
    if (this.inflight === 0) this.#disconnect()
  }

  #disconnect(): void {
    this.connections.close()
    this.#controlPool?.destroy().catch(() => {})
    this.#controlPool = undefined
  }
}

export const endpointKey = ({ address, port }: Endpoint): string => `${address}:${port}`

/** FNV-1a, 32 bits. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}
