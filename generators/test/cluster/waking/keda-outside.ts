// Plays KEDA for one model, on its ScaledObject as the API server has it: reads the gateway and the engine as Prometheus would, decides as
// ../../waking/keda.ts does, and orders replicas. Its time passes faster than ours: what it reads, it writes down at its own times.
import { gatewayMetrics, namespaces, pollSeconds, ports } from '../../../schema/contract.ts'
import { base, usedAt } from '../../waking/day.ts'
import { poll, type Scaled, type ScaledSpec } from '../../waking/keda.ts'
import { SeriesStore } from '../../waking/series.ts'
import type { ControlPlane } from '../control-plane.ts'

/** Seconds of its time in one of ours. */
export const timesAsFast = 20

export interface Order {
  /** Seconds of its time. */
  at: number
  replicas: number
  /** Since the gateway saw the last request. */
  idleSeconds: number
}

export class KedaOutside {
  readonly orders: Order[] = []
  readonly #controlPlane: ControlPlane
  readonly #model: string
  readonly #metricsUrl: string
  readonly #engines: () => string[]
  readonly #store = new SeriesStore()
  readonly #startedAt = performance.timeOrigin + performance.now()
  #lastUse = 0
  #isOver = false

  /** @param engines addresses of the model’s pods */
  constructor(controlPlane: ControlPlane, model: string, metricsUrl: string, engines: () => string[]) {
    this.#controlPlane = controlPlane
    this.#model = model
    this.#metricsUrl = metricsUrl
    this.#engines = engines
  }

  async start(): Promise<void> {
    const place = [this.#model, '--namespace', namespaces.models]
    const { spec } = await this.#controlPlane.get<{ spec: ScaledSpec }>('scaledobject', ...place)
    const scaled: Scaled = { replicas: 1, failures: [] }
    while (!this.#isOver) {
      await this.#step(spec, scaled).catch((error: unknown) => console.log(`KEDA: ${String(error)}`))
      await new Promise((resolve) => setTimeout(resolve, (pollSeconds / timesAsFast) * 1000))
    }
  }

  stop(): void {
    this.#isOver = true
  }

  /** Of a moment of ours, in Unix milliseconds. */
  #itsTime(at: number): number {
    return ((at - this.#startedAt) / 1000) * timesAsFast
  }

  async #step(spec: ScaledSpec, scaled: Scaled): Promise<void> {
    await this.#scrape()
    const at = this.#itsTime(Date.now())
    const idleSeconds = Number(/\[(\d+)s\]/.exec(spec.triggers[2]?.metadata.query ?? '')?.[1])
    const waiting = this.#store.instant(gatewayMetrics.waiting, at).reduce((sum, value) => sum + value, 0)
    const before = scaled.replicas
    poll(spec, scaled, [await this.#running(), waiting, usedAt(this.#store, at, idleSeconds)], at)
    if (scaled.replicas === before) return
    this.orders.push({ at, replicas: scaled.replicas, idleSeconds: at - this.#lastUse })
    const words = [this.#model, '--namespace', namespaces.models, `--replicas=${scaled.replicas}`]
    const { status, log } = await this.#controlPlane.kubectl('scale', 'deployment', ...words)
    if (status !== 0) throw new Error(log)
  }

  async #scrape(): Promise<void> {
    const text = await (await fetch(this.#metricsUrl)).text()
    const at = this.#itsTime(Date.now())
    for (const [, name = '', words = '', value = ''] of text.matchAll(/^(\w+)\{(.*)\} (\S+)/gm)) {
      const labels = Object.fromEntries([...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, of]) => [label, of]))
      if (labels.model !== this.#model || !(Object.values(gatewayMetrics) as string[]).includes(name)) continue
      if (name === gatewayMetrics.lastUse) {
        this.#lastUse = this.#itsTime(Number(value) * 1000)
        this.#store.add(name, labels, at, base + this.#lastUse)
      } else this.#store.add(name, labels, at, Number(value))
    }
  }

  /** The first trigger’s: requests that the engines run. */
  async #running(): Promise<number | undefined> {
    const texts = this.#engines().map(async (address) =>
      (await fetch(`http://${address}:${ports.model.number}/metrics`)).text(),
    )
    const answers = (await Promise.allSettled(texts)).filter((one) => one.status === 'fulfilled')
    const values = answers.flatMap(({ value }) => [...value.matchAll(/^vllm:num_requests_running\{.*\} (\S+)/gm)])
    return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + Number(value), 0)
  }
}
