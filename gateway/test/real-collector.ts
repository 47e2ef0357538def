// A real OpenTelemetry collector: the program in SLIPWAY_OTELCOL (.ci/collector makes one), with the configuration of the add-on, before a
// stand-in of what it sends to. The stand-in is also the Pod Identity agent, which gives credentials of AWS to a pod.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { parse, stringify } from 'yaml'
import { until } from './harness.ts'
import { freePort } from './process.ts'

export const collectorProgram = process.env.SLIPWAY_OTELCOL

export const withoutCollector = 'set SLIPWAY_OTELCOL to an OpenTelemetry collector: cd .ci/collector && go build'

/** `alternateConfig` of the add-on’s values. */
export interface CollectorConfig {
  exporters?: { otlp_http: { endpoint: string; auth?: object } }
}

/** As the add-on file has it, without what a cluster’s target adds. */
export function addonConfig(): CollectorConfig {
  const file = new URL('../../apps/addons/opentelemetry-collector.yaml', import.meta.url)
  const { values } = parse(readFileSync(file, 'utf8')) as { values: { alternateConfig: CollectorConfig } }
  return values.alternateConfig
}

interface Attribute {
  key: string
  value: { stringValue?: string; intValue?: string }
}

/** As OTLP has it in JSON. */
export interface SentSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  /** 2: server, 3: client. */
  kind: number
  attributes: Attribute[]
}

interface Sent {
  resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[]
}

export const attributeOf = ({ attributes }: SentSpan, name: string): string | undefined =>
  attributes.find(({ key }) => key === name)?.value.stringValue

const podToken = 'token-of-the-pod'

export class RealCollector {
  readonly spans: SentSpan[] = []
  /** Headers `authorization` of what was sent on, and paths. */
  readonly signatures: string[] = []
  readonly paths: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-collector-'))
  readonly #target: Server
  readonly #child: ChildProcess
  readonly url: string
  out = ''

  private constructor(program: string, config: CollectorConfig, target: Server, ports: [otlp: number, health: number]) {
    this.#target = target
    target.on('request', (request, response) => {
      const answer = (value: object): void => void response.end(JSON.stringify(value))
      response.setHeader('content-type', 'application/json')
      if (request.url === '/credentials') answer(credentialsFor(request))
      else void this.#take(request).then(() => answer({}))
    })
    const at = `http://127.0.0.1:${(target.address() as AddressInfo).port}`
    const [otlp, health] = ports
    this.url = `http://127.0.0.1:${otlp}`
    // What differs from a pod: ports that are free here, the target's address, and JSON, which a test can read.
    const exporter = { ...config.exporters?.otlp_http, endpoint: at, encoding: 'json', compression: 'none' }
    const text = stringify({ ...config, exporters: { otlp_http: exporter } })
      .replaceAll(':4318', `:${otlp}`)
      .replaceAll(':13133', `:${health}`)
    const file = join(this.#folder, 'config.yaml')
    const token = join(this.#folder, 'token')
    writeFileSync(file, text)
    writeFileSync(token, podToken)
    this.#child = spawn(program, ['--config', file], {
      env: {
        MY_POD_IP: '127.0.0.1',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${at}/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    })
    for (const pipe of [this.#child.stdout, this.#child.stderr])
      pipe?.on('data', (part) => {
        this.out += part
      })
  }

  static async start(program: string, config: CollectorConfig): Promise<RealCollector> {
    const target = createServer().listen(0, '127.0.0.1')
    await once(target, 'listening')
    const health = await freePort()
    const collector = new RealCollector(program, config, target, [await freePort(), health])
    const healthy = () =>
      fetch(`http://127.0.0.1:${health}/`).then(
        ({ ok }) => ok,
        () => false,
      )
    await until(healthy, `the collector is healthy: ${collector.out}`, 20_000)
    return collector
  }

  async #take(request: IncomingMessage): Promise<void> {
    this.paths.push(request.url ?? '')
    this.signatures.push(request.headers.authorization ?? '')
    const { resourceSpans } = (await json(request)) as Sent
    this.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    this.#target.closeAllConnections()
    this.#target.close()
    rmSync(this.#folder, { recursive: true })
  }
}

/** Of the agent: only for the token that is mounted in the pod. */
const credentialsFor = ({ headers }: IncomingMessage): object =>
  headers.authorization === podToken
    ? {
        AccessKeyId: 'ASIAEXAMPLE',
        SecretAccessKey: 'secret',
        Token: 'session',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }
    : { message: 'no such token' }
