// A real Prometheus on loopback: `prometheus` and `promtool` on PATH, or in the folder that SLIPWAY_PROMETHEUS names.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Undefined: there is none here. */
export const prometheusFolder = [
  process.env.SLIPWAY_PROMETHEUS ?? '',
  ...(process.env.PATH ?? '').split(delimiter),
].find((folder) => folder !== '' && ['prometheus', 'promtool'].every((program) => existsSync(join(folder, program))))

export const whyNot =
  'no Prometheus here: apt-get install prometheus prometheus-alertmanager, or SLIPWAY_PROMETHEUS=FOLDER with prometheus, promtool and amtool'

export interface PrometheusOptions {
  /** OpenMetrics text that it knows from the start. */
  history?: string
  /** Job and HOST:PORT of what it reads each second, with labels. */
  targets?: { job: string; address: string; labels?: Record<string, string> }[]
}

export class Prometheus {
  readonly #folder: string
  readonly #process: ChildProcess
  readonly #url: string

  private constructor(folder: string, process: ChildProcess, url: string) {
    this.#folder = folder
    this.#process = process
    this.#url = url
  }

  static async start({ history, targets = [] }: PrometheusOptions): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-prometheus-'))
    const data = join(folder, 'data')
    if (history !== undefined) {
      writeFileSync(join(folder, 'history.txt'), history)
      const backfill = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history.txt'), data]
      execFileSync(join(prometheusFolder ?? '', 'promtool'), backfill, { stdio: 'pipe' })
    }
    const jobs = targets.map(({ job, address, labels = {} }) => ({
      job_name: job,
      static_configs: [{ targets: [address], labels }],
    }))
    // JSON is YAML.
    const settings = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(settings))
    const port = await freePort()
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ]
    const process = spawn(join(prometheusFolder ?? '', 'prometheus'), args, { stdio: 'ignore' })
    const prometheus = new Prometheus(folder, process, `http://127.0.0.1:${port}`)
    await prometheus.#ready()
    return prometheus
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => undefined)
      if (answer?.status === 200) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error('Prometheus is not ready after 20 s')
  }

  /** As KEDA reads an answer: one value, or nothing. @throws Error when there are several */
  async value(query: string): Promise<number | undefined> {
    const result = await this.#ask<{ value: [number, string] }>('query', { query })
    if (result.length > 1) throw new Error(`${result.length} series: ${query}`)
    return result[0] && Number(result[0].value[1])
  }

  /** Values by time, from `start` on each `step` seconds. */
  async range(query: string, start: number, end: number, step: number): Promise<Map<number, number>> {
    const range = { query, start: String(start), end: String(end), step: String(step) }
    const result = await this.#ask<{ values: [number, string][] }>('query_range', range)
    if (result.length > 1) throw new Error(`${result.length} series: ${query}`)
    return new Map(result[0]?.values.map(([at, value]) => [at, Number(value)]))
  }

  async #ask<T>(path: string, parameters: Record<string, string>): Promise<T[]> {
    const answer = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, error, data } = (await answer.json()) as { status: string; error?: string; data: { result: T[] } }
    if (status !== 'success') throw new Error(error)
    return data.result
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
