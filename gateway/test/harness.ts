// A whole gateway in this process, on loopback, with an identity provider and a directory that tests can change.

import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type App, buildApp, listenBacklog } from '../app.ts'
import { makeApiKey } from '../auth/api-key-form.ts'
import type { Config } from '../config.ts'
import {
  type Directory,
  type Endpoint,
  emptySnapshot,
  type ModelEntry,
  type Snapshot,
  type Tenant,
} from '../discovery/directory.ts'
import { buildSnapshot } from '../discovery/snapshot.ts'
import { readConfig } from '../read-config.ts'
import { makeLog } from '../telemetry/access-log.ts'

/** A directory that says what it is given. */
export class TestDirectory implements Directory {
  snapshot: Snapshot = emptySnapshot
  ready = true
  stale = 0
  readonly #listeners: ((snapshot: Snapshot) => void)[] = []

  staleSeconds(): number {
    return this.stale
  }
  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener)
  }
  start(): void {
    for (const listener of this.#listeners) listener(this.snapshot)
  }
  async stop(): Promise<void> {}

  set(models: readonly ModelEntry[], tenants: readonly Tenant[], replicas = 1): void {
    const source = <T>(entry: T) => ({ object: 'test', entry })
    this.snapshot = buildSnapshot(models.map(source), tenants.map(source), replicas, [])
    this.start()
  }

  setEndpoints(name: string, endpoints: readonly Endpoint[]): void {
    const models = [...this.snapshot.models.values()].map((one) => (one.name === name ? { ...one, endpoints } : one))
    this.set(models, this.snapshot.tenants, this.snapshot.gatewayReplicas)
  }
}

export function model(name: string, endpoints: readonly Endpoint[], changes: Partial<ModelEntry> = {}): ModelEntry {
  return {
    name,
    modelId: `org/${name}`,
    revision: '607a30d783dfa663caf39e06633721c8d4cfcd7e',
    aliases: [],
    task: 'text-generation',
    engine: 'vllm',
    api: 'openai',
    spec: {
      maxModelLen: 4096,
      maxOutput: 4096,
      minReplicas: 1,
      pricePerHour: 0.8,
      affinity: 'none',
      timeouts: { firstTokenSeconds: 30 },
    },
    created: 1_700_000_000,
    endpoints,
    ...changes,
  }
}

/** What the Service of a model says about it. */
export const modelAnnotations = (name: string): Record<string, string> => ({
  'slipway.dev/model': name,
  'slipway.dev/model-id': `org/${name}`,
  'slipway.dev/task': 'text-generation',
  'slipway.dev/engine': 'vllm',
  'slipway.dev/api': 'openai',
  'slipway.dev/spec': JSON.stringify(model(name, []).spec),
})

export const apiKey = makeApiKey('research')

export function tenant(name: string, changes: Partial<Tenant> = {}): Tenant {
  return {
    name,
    claims: { client_id: name },
    limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrency: 100_000 },
    apiKeys: name === 'research' ? [{ id: 'k1', sha256: hash('sha256', apiKey, 'hex'), expires: '2099-12-31' }] : [],
    ...changes,
  }
}

export interface IdentityProvider {
  issuer: string
  token(claims?: Record<string, unknown>, expiresIn?: string): Promise<string>
  requests: number
  stop(): Promise<void>
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
  const server: Server = createServer((_req, res) => {
    provider.requests += 1
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: IdentityProvider = {
    issuer,
    requests: 0,
    token: (claims = {}, expiresIn = '1h') =>
      new SignJWT({ client_id: 'research', scope: 'slipway/invoke', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(issuer)
        .setAudience('slipway')
        .setIssuedAt()
        .setExpirationTime(expiresIn)
        .sign(privateKey),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return provider
}

export interface TestGateway {
  app: App
  directory: TestDirectory
  url: string
  adminUrl: string
  identity: IdentityProvider
  /** Token of the tenant research. */
  token: string
  /** Log lines so far. */
  log(): string
  clearLog(): void
  spans: InMemorySpanExporter
  metrics(): Promise<string>
  /** POST of a JSON value or of raw text, with the token. */
  post(path: string, body: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  stop(): Promise<void>
}

/** Limits in time that let a test see them pass; everything else as in production. */
const quick = { TICK_SECONDS: 0.01, API_KEYS_ON_API_LANE: true }

export async function startGateway(
  models: readonly ModelEntry[],
  {
    config = {},
    tenants = [tenant('research'), tenant('support')],
  }: { config?: Partial<Config>; tenants?: Tenant[] } = {},
): Promise<TestGateway> {
  const identity = await startIdentityProvider()
  const defaults = readConfig({}).config
  const lines: string[] = []
  const log = makeLog('debug', { write: (line) => void lines.push(line) })
  const directory = new TestDirectory()
  const spans = new InMemorySpanExporter()
  const app = await buildApp(
    { ...defaults, ...quick, ...config },
    {
      directory,
      issuers: [
        {
          issuer: identity.issuer,
          audiences: ['slipway'],
          jwksUri: `${identity.issuer}/jwks`,
          scopes: ['slipway/invoke'],
        },
      ],
      log,
      spanExporter: spans,
    },
  )
  app.gateway.start()
  directory.set(models, tenants)
  const url = await app.server.listen({ port: 0, host: '127.0.0.1', backlog: listenBacklog })
  const adminUrl = await app.admin.listen({ port: 0, host: '127.0.0.1' })
  const token = await identity.token()
  const authorization = `Bearer ${token}`
  return {
    app,
    directory,
    url,
    adminUrl,
    identity,
    token,
    log: () => lines.join(''),
    clearLog: () => {
      lines.length = 0
    },
    spans,
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    post: (path, body, headers = {}, signal) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
        signal,
      }),
    get: (path, headers = {}) => fetch(url + path, { headers: { authorization, ...headers } }),
    stop: async () => {
      app.gateway.beginDrain()
      app.server.server.closeAllConnections()
      await app.server.close()
      await app.admin.close()
      await app.gateway.stop()
      await identity.stop()
    },
  }
}

/** A chat request for a model. */
export const chat = (name: string, extra: Record<string, unknown> = {}) => ({
  model: name,
  messages: [{ role: 'user', content: 'Hello' }],
  ...extra,
})

/** Waits until something holds, at most two seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 2000): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Value of a metric line that has all of `labels`; 0 when there is none. */
export function metricValue(page: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
  const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines
    .filter((line) => wanted.every((one) => line.includes(one)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
