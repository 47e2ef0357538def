// The real git-watch, as a process here with the token of its service account: what its pod would do.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClusterClient } from '../../../gateway/discovery/cluster-client.ts'
import { serviceAccounts } from '../../schema/contract.ts'
import { repositoryRoot } from '../fixture.ts'
import type { ControlPlane } from './control-plane.ts'

interface Config {
  clusters: { cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[]
}

/** How a pod of git-watch reaches the API server from here: address, certificate and a token of its own. */
async function access(controlPlane: ControlPlane): Promise<{ server: URL; ca: string; token: string }> {
  const { name, namespace } = serviceAccounts.gitWatch
  const { out: token } = await controlPlane.kubectl('create', 'token', name, '--namespace', namespace)
  const { out } = await controlPlane.kubectl('config', 'view', '--raw', '--minify', '-o', 'json')
  const [entry] = (JSON.parse(out) as Config).clusters
  if (entry === undefined) throw new Error('the kubeconfig names no cluster')
  const { server, ...authority } = entry.cluster
  const file = authority['certificate-authority']
  const data = Buffer.from(authority['certificate-authority-data'] ?? '', 'base64').toString()
  return { server: new URL(server), ca: file === undefined ? data : readFileSync(file, 'utf8'), token }
}

/** The API server as git-watch sees it, with its rights. */
export async function asGitWatch(controlPlane: ControlPlane): Promise<ClusterClient> {
  const { server, ca, token } = await access(controlPlane)
  return new ClusterClient({ origin: server.origin, ca, token: () => token })
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
    const { server, ca, token } = await access(controlPlane)
    const folder = join(controlPlane.folder, 'git-watch')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'token'), token)
    writeFileSync(join(folder, 'ca.crt'), ca)
    const environment = {
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port || '443',
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
