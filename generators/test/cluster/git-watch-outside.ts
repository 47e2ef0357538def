// The real git-watch, as a process here with the token of its service account: what its pod would do.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceAccounts } from '../../schema/contract.ts'
import { repositoryRoot } from '../fixture.ts'
import type { ControlPlane } from './control-plane.ts'

interface Config {
  clusters: { cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[]
}

export class GitWatchOutside {
  readonly #process: ChildProcess
  /** Its log lines so far. */
  log = ''

  private constructor(process: ChildProcess) {
    this.#process = process
    process.stdout?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString()
    })
  }

  static async start(controlPlane: ControlPlane): Promise<GitWatchOutside> {
    const { name, namespace } = serviceAccounts.gitWatch
    const { out: token } = await controlPlane.kubectl('create', 'token', name, '--namespace', namespace)
    const { out } = await controlPlane.kubectl('config', 'view', '--raw', '--minify', '-o', 'json')
    const [entry] = (JSON.parse(out) as Config).clusters
    if (entry === undefined) throw new Error('the kubeconfig names no cluster')
    const { server, ...authority } = entry.cluster
    const folder = join(controlPlane.folder, 'git-watch')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'token'), token)
    const file = authority['certificate-authority']
    writeFileSync(
      join(folder, 'ca.crt'),
      file === undefined ? Buffer.from(authority['certificate-authority-data'] ?? '', 'base64') : readFileSync(file),
    )
    const { hostname, port } = new URL(server)
    const environment = {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port || '443',
      SERVICE_ACCOUNT_FOLDER: folder,
    }
    const program = join(repositoryRoot, 'gateway/git-watch/main.ts')
    return new GitWatchOutside(
      spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] }),
    )
  }

  stop(): void {
    this.#process.kill('SIGTERM')
  }
}
