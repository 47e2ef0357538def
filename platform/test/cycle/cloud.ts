// An AWS account on this machine: a process of aws/serve.py, what it holds, and the calls that it was asked.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** One call, as the log of serve.py has it. */
export interface Call {
  service?: string
  region?: string
  operation?: string
  method: string
  path: string
  status: number
  params?: Record<string, unknown>
  /** What botocore’s model does not allow in it. */
  problems: string[]
  /** It repeats the token of a call before, and was given the same answer. */
  again?: boolean
  /** The error that was answered. */
  answer?: string
}

export interface Account {
  number: string
  regions: string[]
  /** What is there before the platform is. */
  zones?: string[]
  privateZones?: string[]
  roles?: string[]
  secrets?: { region: string; name: string; value: string }[]
  /** What AWS offers it: aws/offers.py. */
  offers?: {
    quotas?: Record<string, number>
    kubernetes?: Record<string, string>
    addons?: Record<string, string[]>
    parameters?: Record<string, string>
    spans?: { Destination: string; Status: string }
  }
}

export class Cloud {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-aws-'))
  readonly #log = join(this.folder, 'calls.jsonl')
  #process: ChildProcess | undefined
  url = ''

  /** @param python a Python that has moto */
  async start(
    python: string,
    { number, regions, zones = [], privateZones = [], roles = [], secrets = [], offers = {} }: Account,
  ): Promise<void> {
    const seeds = [
      ...regions.flatMap((region) => ['--region', region]),
      ...zones.flatMap((zone) => ['--zone', zone]),
      ...privateZones.flatMap((zone) => ['--private-zone', zone]),
      ...roles.flatMap((role) => ['--role', role]),
      ...secrets.flatMap(({ region, name, value }) => ['--secret', `${region}=${name}=${value}`]),
    ]
    seeds.push('--offers', JSON.stringify(offers))
    const program = join(import.meta.dirname, 'aws/serve.py')
    const child = spawn(python, [program, '--log', this.#log, ...seeds], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, MOTO_ACCOUNT_ID: number, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
    })
    this.#process = child
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = `${errors}${text}`.slice(-4000)
    })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${program} ended:\n${errors}`)))
    const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string]
    ended.catch(() => {})
    this.url = `http://127.0.0.1:${port}`
  }

  /** Settings with which a client asks this account. */
  environment(region: string): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  /** A line for each thing that the account holds. */
  async held(): Promise<string[]> {
    return (await (await fetch(`${this.url}/_slipway/held`)).json()) as string[]
  }

  /** Lets every POST to a path wait; without one, none. */
  async stall(path?: string): Promise<void> {
    await fetch(`${this.url}/_slipway/stall${path === undefined ? '' : `?path=${path}`}`)
  }

  /** How many wait. */
  async stalled(): Promise<number> {
    return (await (await fetch(`${this.url}/_slipway/stalled`)).json()) as number
  }

  calls(): Call[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Call)
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (child !== undefined && child.exitCode === null) {
      child.stdin?.end()
      await once(child, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
