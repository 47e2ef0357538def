// The gateway as it runs in a pod, every feature on: the bundle, verified tokens, quotas, affinity and usage accounting,
// metrics, one log line a request, and spans of 1 %, or of another share, sent to a collector that takes and drops them.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { imageCommand } from '../../gateway/bundle.ts'
import { listening, type Pinned, proxyCore, startPinned } from './pinned.ts'

const modelSpec = {
  maxModelLen: 8192,
  maxOutput: 8192,
  minReplicas: 1,
  pricePerHour: 0.8,
  affinity: 'prefix',
  timeouts: { firstTokenSeconds: 60 },
}

const directory = (engines: readonly number[]) => ({
  models: [
    {
      annotations: {
        'slipway.dev/model': 'bench',
        'slipway.dev/model-id': 'org/bench',
        'slipway.dev/task': 'text-generation',
        'slipway.dev/engine': 'vllm',
        'slipway.dev/api': 'openai',
        'slipway.dev/spec': JSON.stringify(modelSpec),
      },
      endpoints: engines.map((port) => ({ address: '127.0.0.1', port, ready: true })),
    },
  ],
  tenants: clients.map((name) => ({
    name,
    claims: { client_id: name },
    limits: {
      requestsPerMinute: name === 'limited' ? 1 : 1_000_000_000,
      tokensPerMinute: 1_000_000_000_000,
      concurrency: 100_000,
    },
    apiKeys: [],
  })),
})

/** The one who is measured, one without requests left, and one who sends the worst. */
const clients = ['bench', 'limited', 'worst'] as const

/** An identity provider and a collector in one: keys on GET, anything on POST. */
async function startNeighbours() {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const server = createServer((req, res) => {
    req.resume()
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign = (client: string) =>
    new SignJWT({ client_id: client, scope: 'slipway/invoke' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(url)
      .setAudience('slipway')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  const tokens = Object.fromEntries(await Promise.all(clients.map(async (client) => [client, await sign(client)])))
  return {
    url,
    tokens: tokens as Record<(typeof clients)[number], string>,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Waits until the gateway would be sent requests. @throws Error after ten seconds */
async function ready(adminPort: number): Promise<void> {
  await listening(adminPort)
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok) return
    await wait(20)
  }
  throw new Error('the gateway did not become ready')
}

export interface RunningGateway extends Pinned {
  token: string
  tokens: Readonly<Record<string, string>>
}

/** @param traced share of requests whose spans are sent; 0: there is no collector */
export async function startGateway(
  folder: string,
  program: string,
  { port, adminPort }: { port: number; adminPort: number },
  engines: readonly number[],
  traced = 0.01,
): Promise<RunningGateway> {
  const neighbours = await startNeighbours()
  const file = join(folder, 'directory.json')
  writeFileSync(file, JSON.stringify(directory(engines)))
  const issuers = [
    {
      issuer: neighbours.url,
      audiences: ['slipway'],
      jwksUri: `${neighbours.url}/jwks`,
      scopes: ['slipway/invoke'],
    },
  ]
  const gateway = startPinned(proxyCore, [process.execPath, ...imageCommand().slice(0, -1), program], {
    env: {
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      HOST: '127.0.0.1',
      DISCOVERY: 'file',
      DIRECTORY_FILE: file,
      OIDC_ISSUERS: JSON.stringify(issuers),
      ORIGIN_SECRET: '',
      OTLP_ENDPOINT: traced > 0 ? neighbours.url : '',
      TRACE_SAMPLE_RATIO: String(traced),
      MODEL_SLOTS: '10000',
    },
  })
  await ready(adminPort)
  return {
    ...gateway,
    token: neighbours.tokens.bench,
    tokens: neighbours.tokens,
    stop: async () => {
      await gateway.stop()
      neighbours.stop()
    },
  }
}
