// The gateway as the process that runs in a pod, with a directory file and an identity provider.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Endpoint } from '../discovery/directory.ts'
import { type IdentityProvider, modelAnnotations, startIdentityProvider, until } from './harness.ts'

export const serverProgram = new URL('../server.ts', import.meta.url).pathname

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const tenants = [
  {
    name: 'research',
    claims: { client_id: 'research' },
    limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrency: 100_000 },
    apiKeys: [],
  },
]

export class GatewayProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-gateway-'))
  readonly #file = join(this.folder, 'directory.json')
  port = 0
  adminPort = 0
  out = ''
  error = ''
  child: ChildProcess | undefined
  exit: Promise<number | null> = Promise.resolve(null)

  setModels(models: Readonly<Record<string, readonly Endpoint[]>>): void {
    const entries = Object.entries(models).map(([name, endpoints]) => ({
      annotations: modelAnnotations(name),
      endpoints,
    }))
    writeFileSync(this.#file, JSON.stringify({ models: entries, tenants }))
  }

  /** @param how what Node runs, the source when not given, as which user, and the status of /readyz to wait for */
  async start(
    identity: IdentityProvider,
    env: Record<string, string> = {},
    {
      program = [serverProgram],
      uid,
      status = 200,
    }: { program?: readonly string[]; uid?: number; status?: number } = {},
  ): Promise<void> {
    this.port = await freePort()
    this.adminPort = await freePort()
    const issuers = [
      {
        issuer: identity.issuer,
        audiences: ['slipway'],
        jwksUri: `${identity.issuer}/jwks`,
        scopes: ['slipway/invoke'],
      },
    ]
    // Everybody may read it: the program may run as another user.
    chmodSync(this.folder, 0o755)
    const child = spawn(process.execPath, [...program], {
      uid,
      env: {
        PORT: String(this.port),
        ADMIN_PORT: String(this.adminPort),
        HOST: '127.0.0.1',
        DISCOVERY: 'file',
        DIRECTORY_FILE: this.#file,
        OIDC_ISSUERS: JSON.stringify(issuers),
        TICK_SECONDS: '0.01',
        ...env,
      },
    })
    this.child = child
    // A test that fails must not wait for the gateway that it left behind.
    child.unref()
    for (const pipe of [child.stdout, child.stderr]) (pipe as Socket).unref()
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.removeListener('exit', kill))
    child.stdout.on('data', (part) => {
      this.out += part
    })
    child.stderr.on('data', (part) => {
      this.error += part
    })
    this.exit = once(child, 'exit').then(([code]) => code as number | null)
    await until(async () => (await this.ready()) === status, `it is ready: ${this.error}`, 10_000)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Status of /readyz; 0 when nothing answers. */
  async ready(): Promise<number> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.adminPort}/readyz`)
      await response.arrayBuffer()
      return response.status
    } catch {
      return 0
    }
  }

  async stop(): Promise<void> {
    this.child?.ref()
    this.child?.kill('SIGKILL')
    await this.exit
    rmSync(this.folder, { recursive: true })
  }
}

export { startIdentityProvider }
