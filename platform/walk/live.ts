// The last steps for real: a gateway and a model server as processes on this machine, with the settings and the directory that
// the cluster’s rendered objects give them. What a cluster has and a laptop has not (pods, secrets, issuer) has a simple replacement here.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { makeApiKey } from '../../gateway/auth/api-key-form.ts'
import { slowSeconds } from './cases.ts'
import type { Credentials } from './credential-cases.ts'
import { type Declared, demoModel, tenantsOf, walkingModels, walkingTenant } from './declared.ts'
import type { Gateway } from './expected-answer.ts'
import { gatewayEnvironment, mountedOriginSecret, numberSetting } from './gateway-settings.ts'
import { canaryClaims, type IssuedToken, issuedToken, strangerClaims } from './issuer-tokens.ts'
import { serviceOfModel } from './pods.ts'
import type { WalkRequest } from './request.ts'

export interface Live {
  gateway: Gateway
  credentials: Credentials
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

/** @param pace seconds of the walk that pass in one second here; the gateway’s limit on the api lane shrinks with the slow answer */
export async function startLive(declared: Declared, pace = 1): Promise<Live> {
  // When a part does not begin, those before it end.
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'slipway-walk-'))
  parts.defer(() => rmSync(folder, { recursive: true }))
  const issuer = await startIssuer(declared, parts)
  const models = walkingModels(declared)
  const slowPort = await startSlowEngine(models.slow, slowSeconds / pace, parts)
  const enginePort = await startModelServer(models.quick, parts)
  const apiKey = makeApiKey(walkingTenant(declared).name)
  writeFileSync(
    join(folder, 'directory.json'),
    JSON.stringify(directory(declared, apiKey, { [models.quick]: enginePort, [models.slow]: slowPort })),
  )
  const url = await startGateway(declared, { folder, jwksUri: issuer.jwksUri, pace }, parts)
  const credentials = { ...(await issuer.tokens()), apiKey }
  const running = parts.move()
  return { gateway: ask(url), credentials, stop: () => running.disposeAsync() }
}

/** As the walk brings the request; what comes back is timed piece by piece. */
const ask =
  (url: string): Gateway =>
  async ({ method, path, headers, body }: WalkRequest) => {
    // fetch sets these itself; the cluster’s own name comes with x-forwarded-for anyway.
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

async function startIssuer(declared: Declared, parts: AsyncDisposableStack) {
  const pairs = { RS256: await generateKeyPair('RS256'), ES256: await generateKeyPair('ES256') }
  const keys = await Promise.all(
    Object.entries(pairs).map(async ([alg, pair]) => ({
      ...(await exportJWK(pair.publicKey)),
      kid: alg,
      alg,
      use: 'sig',
    })),
  )
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  })
  const port = await listen(server, parts)
  const sign = ({ header, claims }: IssuedToken, alg: keyof typeof pairs) =>
    new SignJWT(claims)
      .setProtectedHeader({ ...header, alg, kid: alg })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(pairs[alg].privateKey)
  const tokens = async () => {
    const { claims } = walkingTenant(declared)
    const token = issuedToken(declared.cluster, claims)
    const canary = await sign(issuedToken(declared.cluster, canaryClaims(declared.cluster, claims)), 'RS256')
    const stranger = await sign(issuedToken(declared.cluster, strangerClaims), 'RS256')
    return { token: await sign(token, 'RS256'), elliptic: await sign(token, 'ES256'), stranger, canary }
  }
  return { tokens, jwksUri: `http://127.0.0.1:${port}/jwks.json` }
}

/** Answers as an OpenAI server does, but late. A prompt of code is only long, so it is answered at once. */
async function startSlowEngine(model: string, seconds: number, parts: AsyncDisposableStack): Promise<number> {
  const choice = { index: 0, message: { role: 'assistant', content: 'At last.' }, finish_reason: 'stop' }
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
  const answer = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [choice],
    usage,
  })
  const server = createServer(async (request, response) => {
    let length = 0
    for await (const part of request) length += (part as Buffer).length
    const late = length < 1000
    setTimeout(() => response.setHeader('content-type', 'application/json').end(answer), late ? seconds * 1000 : 0)
  })
  return listen(server, parts)
}

const listen = async (server: Server, parts: AsyncDisposableStack): Promise<number> => {
  server.listen(0, '127.0.0.1')
  parts.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function startModelServer(name: string, parts: AsyncDisposableStack): Promise<number> {
  // The demo model answers under whatever name.
  const args = [`--model-dir=${join(root, 'model-server/models', demoModel)}`, `--served-model-name=${name}`]
  const child = start(['model-server/server.ts', ...args, '--host=127.0.0.1', '--port=0'], {}, parts)
  return Number((await logged(child, 'listening')).port)
}

/** Annotations, tenants and names as rendered; addresses are those of this machine. */
function directory(declared: Declared, apiKey: string, ports: Readonly<Record<string, number>>) {
  const served = Object.entries(ports).map(([name, port]) => ({
    annotations: serviceOfModel(declared, name).metadata.annotations,
    endpoints: [{ address: '127.0.0.1', port, ready: true }],
  }))
  const key = { id: 'walk', sha256: createHash('sha256').update(apiKey).digest('hex'), expires: '2999-01-01' }
  const walking = walkingTenant(declared).name
  const tenants = tenantsOf(declared).map((tenant) =>
    tenant.name === walking ? { ...tenant, apiKeys: [key] } : tenant,
  )
  return { models: served, tenants }
}

async function startGateway(
  declared: Declared,
  { folder, jwksUri, pace }: { folder: string; jwksUri: string; pace: number },
  parts: AsyncDisposableStack,
): Promise<string> {
  const entrance = { path: '/', host: declared.cluster.domain }
  const rendered = gatewayEnvironment(declared, entrance)
  const originSecret = join(folder, 'origin-secret')
  mkdirSync(originSecret)
  for (const [name, value] of Object.entries(mountedOriginSecret(declared, entrance)))
    writeFileSync(join(originSecret, name), value)
  const issuers = (JSON.parse(rendered.OIDC_ISSUERS ?? '[]') as object[]).map((one) => ({ ...one, jwksUri }))
  const settings = {
    ...rendered,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    DISCOVERY: 'file',
    DIRECTORY_FILE: join(folder, 'directory.json'),
    OIDC_ISSUERS: JSON.stringify(issuers),
    ORIGIN_SECRET_FOLDER: originSecret,
    API_LANE_SECONDS: String(numberSetting(rendered, 'API_LANE_SECONDS') / pace),
    // A limit that is noticed late would be noticed after the slow answer.
    TICK_SECONDS: String(numberSetting(rendered, 'TICK_SECONDS') / pace),
    LOG_LEVEL: 'info',
  }
  const child = start(['gateway/server.ts'], settings, parts)
  return String((await logged(child, 'listening')).address)
}

function start(args: readonly string[], env: Record<string, string>, parts: AsyncDisposableStack): ChildProcess {
  const [program = '', ...rest] = args
  const child = spawn(process.execPath, [join(root, program), ...rest], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  parts.defer(() => {
    process.removeListener('exit', kill)
    kill()
  })
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
