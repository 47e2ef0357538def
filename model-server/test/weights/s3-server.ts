// A real S3 server for tests: moto, in a process of its own. Python and moto are looked for on this machine first.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonEnvironment } from '../../../test/python-environment.ts'

const here = import.meta.dirname
const requirements = join(here, '../../../platform/test/cycle/aws/requirements.txt')

/** A Python that has moto, or why there is none. */
export async function pythonWithMoto(): ReturnType<typeof pythonEnvironment> {
  const { status } = spawnSync('python3', ['-c', 'import moto.server'], { timeout: 60_000 })
  return status === 0 ? { python: 'python3' } : pythonEnvironment(requirements)
}

export class S3Server {
  #child: ChildProcess | undefined
  url = ''

  async start(python: string): Promise<void> {
    const child = spawn(python, ['-B', join(here, 's3-server.py')], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = `${errors}${text}`.slice(-2000)
    })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the S3 server ended:\n${errors}`)))
    ended.catch(() => {})
    const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string]
    this.url = `http://127.0.0.1:${port}`
  }

  /** Settings with which a process asks this server. */
  environment(url = this.url): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    }
  }

  async makeBucket(name: string): Promise<void> {
    const { status } = await fetch(`${this.url}/${name}`, { method: 'PUT' })
    if (status !== 200) throw new Error(`the bucket ${name} was not made: ${status}`)
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    child.stdin?.end()
    await once(child, 'exit')
  }
}
