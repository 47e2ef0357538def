// The gateway's own program beside the cluster: with the token of its service account, at the place where a pod finds it.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { repositoryRoot } from '../fixture.ts'
import { type ControlPlane, until } from './control-plane.ts'

/** Made by a run of this suite, perhaps one that was killed. */
const mark = '/var/run/secrets/kubernetes.io/made-by-slipway-test'
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[]
}

/** Why the folder of a pod’s account cannot be made here; undefined when it can. */
export function noAccountFolder(): string | undefined {
  if (existsSync(accountFolder) && !existsSync(mark)) return `${accountFolder} is there: this is a pod`
  try {
    mkdirSync(accountFolder, { recursive: true })
    rmSync('/var/run/secrets/kubernetes.io', { recursive: true })
    return undefined
  } catch {
    return `${accountFolder} cannot be made (needs root)`
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export class GatewayOutside {
  #child: ChildProcess | undefined
  #log = ''
  url = ''
  adminUrl = ''

  async start(controlPlane: ControlPlane, account: string, namespace: string): Promise<void> {
    const { out: token, log } = await controlPlane.kubectl('create', 'token', account, '--namespace', namespace)
    if (token === '') throw new Error(log)
    const config = JSON.parse((await controlPlane.kubectl('config', 'view', '--raw', '-o', 'json')).out) as KubeConfig
    const { server, ...authority } = config.clusters[0]?.cluster ?? { server: '' }
    const { hostname, port } = new URL(server)
    mkdirSync(accountFolder, { recursive: true })
    writeFileSync(mark, '')
    writeFileSync(join(accountFolder, 'token'), token)
    const file = authority['certificate-authority']
    const data = Buffer.from(authority['certificate-authority-data'] ?? '', 'base64')
    writeFileSync(join(accountFolder, 'ca.crt'), file === undefined ? data : readFileSync(file))
    const [traffic, admin] = [await freePort(), await freePort()]
    this.#child = spawn(process.execPath, [join(repositoryRoot, 'gateway/server.ts')], {
      env: {
        ...process.env,
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        POD_NAMESPACE: namespace,
        HOST: '127.0.0.1',
        PORT: String(traffic),
        ADMIN_PORT: String(admin),
      },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text) => {
        this.#log += text
      })
    process.once('exit', () => this.#child?.kill('SIGKILL'))
    this.url = `http://127.0.0.1:${traffic}`
    this.adminUrl = `http://127.0.0.1:${admin}`
    await until(`a gateway that is ready (${this.#log.slice(-400)})`, 30, async () => {
      const { status } = await fetch(`${this.adminUrl}/readyz`)
      return status === 200 ? true : `${status}`
    })
  }

  /** Process id: the same after everything that must not restart it. */
  get pid(): number | undefined {
    return this.#child?.exitCode === null ? this.#child.pid : undefined
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGKILL')
    rmSync('/var/run/secrets/kubernetes.io', { recursive: true, force: true })
  }
}
