// The last steps for real: a gateway and a model server as processes on this machine, with the settings and the directory that
// the cluster’s rendered objects give them. What a cluster has and a laptop has not (pods, secrets, issuer) stands in for itself here.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { makeApiKey } from '../../gateway/auth/api-keys.ts'
import { type Credentials, models, slowSeconds } from './cases.ts'
import { type Declared, type KubernetesObject, ofKind } from './declared.ts'
import type { Gateway } from './expected-answer.ts'
import { gatewayEnvironment, numberSetting } from './gateway-settings.ts'
import { claimsOf } from './made-up-token.ts'
import { serviceOfModel } from './pods.ts'
import type { WalkRequest } from './request.ts'

export interface Live {
  gateway: Gateway
  credentials: Credentials
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const client = 'research'

/** @param pace seconds of the walk that pass in one second here; the gateway’s limit on the api lane shrinks with the slow answer */
export async function startLive(declared: Declared, pace = 1): Promise<Live> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-walk-'))
  const issuer = await startIssuer(declared)
  const slow = await startSlowEngine(slowSeconds / pace)
  const engine = await startModelServer()
  const apiKey = makeApiKey(client)
  writeFileSync(
    join(folder, 'directory.json'),
    JSON.stringify(directory(declared, apiKey, { [models.quick]: engine.port, [models.slow]: slow.port })),
  )
  const process = await startGateway(declared, { folder, jwksUri: issuer.jwksUri, pace })
  return {
    gateway: ask(process.url),
    credentials: { token: await issuer.sign(), apiKey },
    async stop() {
      for (const child of [process.child, engine.child]) child.kill('SIGKILL')
      for (const server of [issuer.server, slow.server]) {
        server.close()
        server.closeAllConnections()
      }
      rmSync(folder, { recursive: true })
    },
  }
}

/** As the walk brings the request; what comes back is timed piece by piece. */
const ask =
  (url: string): Gateway =>
  async ({ method, path, headers, body }: WalkRequest) => {
    // fetch sets these itself; the cluster’s own name stands in x-forwarded-for’s company anyway.
    const { host: _host, ...sent } = headers
    const started = performance.now()
    const response = await fetch(url + path, { method, headers: sent, body })
    const arrivals: number[] = []
    const pieces: Uint8Array[] = []
    for await (const piece of response.body ?? []) {
      arrivals.push(performance.now() - started)
      pieces.push(piece)
    }
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.concat(pieces).toString(),
      arrivals,
    }
  }

async function startIssuer({ cluster }: Declared) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'walk', alg: 'ES256', use: 'sig' }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  const port = await listen(server)
  const sign = () =>
    new SignJWT(claimsOf(cluster, client))
      .setProtectedHeader({ alg: 'ES256', kid: 'walk' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  return { server, sign, jwksUri: `http://127.0.0.1:${port}/jwks.json` }
}

/** Answers as an OpenAI server does, but late. A prompt of code is only long, so it is answered at once. */
async function startSlowEngine(seconds: number) {
  const choice = { index: 0, message: { role: 'assistant', content: 'At last.' }, finish_reason: 'stop' }
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
  const answer = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: models.slow,
    choices: [choice],
    usage,
  })
  const server = createServer(async (request, response) => {
    let length = 0
    for await (const part of request) length += (part as Buffer).length
    const late = length < 1000
    setTimeout(() => response.setHeader('content-type', 'application/json').end(answer), late ? seconds * 1000 : 0)
  })
  return { server, port: await listen(server) }
}

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function startModelServer() {
  const args = [`--model-dir=${join(root, 'model-server/models', models.quick)}`, `--served-model-name=${models.quick}`]
  const child = start(['model-server/server.ts', ...args, '--host=127.0.0.1', '--port=0'], {})
  return { child, port: Number((await logged(child, 'listening')).port) }
}

/** Annotations, tenants and names as rendered; addresses are those of this machine. */
function directory(declared: Declared, apiKey: string, ports: Readonly<Record<string, number>>) {
  const served = Object.entries(ports).map(([name, port]) => ({
    annotations: serviceOfModel(declared, name).metadata.annotations,
    endpoints: [{ address: '127.0.0.1', port, ready: true }],
  }))
  const key = { id: 'walk', sha256: createHash('sha256').update(apiKey).digest('hex'), expires: '2999-01-01' }
  const tenants = ofKind(declared, 'ConfigMap').map((map) => tenantOf(map, key))
  return { models: served, tenants }
}

function tenantOf({ data }: KubernetesObject, key: object): unknown {
  const tenant = JSON.parse(data?.['tenant.json'] ?? '{}') as { name: string; apiKeys: object[] }
  return tenant.name === client ? { ...tenant, apiKeys: [...tenant.apiKeys, key] } : tenant
}

async function startGateway(
  declared: Declared,
  { folder, jwksUri, pace }: { folder: string; jwksUri: string; pace: number },
) {
  const rendered = gatewayEnvironment(declared, { path: '/', host: declared.cluster.domain })
  const issuers = (JSON.parse(rendered.OIDC_ISSUERS ?? '[]') as object[]).map((one) => ({ ...one, jwksUri }))
  const child = start(['gateway/server.ts'], {
    ...rendered,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    DISCOVERY: 'file',
    DIRECTORY_FILE: join(folder, 'directory.json'),
    OIDC_ISSUERS: JSON.stringify(issuers),
    API_LANE_SECONDS: String(numberSetting(rendered, 'API_LANE_SECONDS') / pace),
    LOG_LEVEL: 'info',
  })
  return { child, url: String((await logged(child, 'listening')).address) }
}

function start(args: readonly string[], env: Record<string, string>): ChildProcess {
  const [program = '', ...rest] = args
  const child = spawn(process.execPath, [join(root, program), ...rest], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

/** The log line of an event. @throws when the process ends before */
function logged(child: ChildProcess, event: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const found = text.split('\n').find((line) => line.includes(`"event":"${event}"`))
      if (found !== undefined) resolve(JSON.parse(found) as Record<string, unknown>)
    })
    child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it was ${event}`)))
  })
}
