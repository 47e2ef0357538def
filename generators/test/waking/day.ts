// A day of one model with a virtual clock: the gateway's real ModelRuntime in each of its pods, what Prometheus reads of them, KEDA, the
// HorizontalPodAutoscaler, and pods that take a cold start to be ready.
import type { Ticker, Ticking } from '../../../gateway/clock.ts'
import { readConfig } from '../../../gateway/read-config.ts'
import { ModelRuntime } from '../../../gateway/serving/model-runtime.ts'
import { model as modelEntry } from '../../../gateway/test/harness.ts'
import { gatewayMetrics, holdSeconds, pollSeconds, scrapeSeconds } from '../../schema/contract.ts'
import { PodAutoscaler, poll, type Scaled, type ScaledSpec, type Source } from './keda.ts'
import { SeriesStore } from './series.ts'

/** A request that comes at a second and is served for some. */
export interface Arrival {
  at: number
  seconds: number
}

interface Plan {
  idleAfterSeconds: number
  /** Of each new pod. */
  coldStartSeconds(): number
  /** Seconds at which one gateway pod after another is replaced. */
  rollouts: number[]
}

/** What happened, in seconds of the day. */
export interface Day {
  store: SeriesStore
  polls: { at: number; used: Source }[]
  /** Requests that came while no pod was ordered, with the seconds since the last one ended. */
  metAsleep: { at: number; idleSeconds: number }[]
  wakes: { askedAt: number; readyAt: number }[]
  sleeps: number[]
  answered: number
  /** Seconds with a pod. */
  awakeSeconds: number
}

const { config } = readConfig({})

class GatewayPod {
  readonly labels: Record<string, string>
  readonly runtime: ModelRuntime
  readonly waiting = new Set<Ticking>()
  readonly ended = new Map<string, number>()

  constructor(name: string, clock: { now: number }) {
    this.labels = { model: 'm', pod: name }
    const ticker = {
      now: () => clock.now * 1000,
      add: (job: Ticking) => this.waiting.add(job),
      delete: (job: Ticking) => this.waiting.delete(job),
    } as unknown as Ticker
    const events = { onWake() {}, onEject() {} }
    this.runtime = new ModelRuntime(modelEntry('m', []), config, ticker, events, () => 0.5)
  }

  end(outcome: string): void {
    this.ended.set(outcome, (this.ended.get(outcome) ?? 0) + 1)
  }

  scrape(store: SeriesStore, at: number): void {
    const { inflight, waiting, lastUsedAt } = this.runtime
    store.add(gatewayMetrics.inflight, this.labels, at, inflight)
    store.add(gatewayMetrics.waiting, this.labels, at, waiting)
    if (lastUsedAt !== undefined) store.add(gatewayMetrics.lastUse, this.labels, at, base + lastUsedAt / 1000)
    for (const [outcome, count] of this.ended)
      store.add(gatewayMetrics.requests, { ...this.labels, outcome }, at, count)
  }
}

/** Unix time at which the day begins. */
export const base = Date.UTC(2026, 10, 2) / 1000

/** The query of used-query.ts. */
export function usedAt(store: SeriesStore, at: number, idleSeconds: number): Source {
  const waiting = store.instant(gatewayMetrics.waiting, at)
  if (waiting.length === 0) return undefined
  const isUsed =
    store.isIncreased(gatewayMetrics.requests, at, idleSeconds) ||
    store.highest(gatewayMetrics.lastUse, at, idleSeconds) > base + at - idleSeconds ||
    Math.max(...waiting, ...store.instant(gatewayMetrics.inflight, at)) > 0
  return isUsed ? 1 : 0
}

export async function simulate(
  spec: ScaledSpec,
  arrivals: readonly Arrival[],
  plan: Plan,
  seconds = 86_400,
): Promise<Day> {
  const clock = { now: 0 }
  const day: Day = {
    store: new SeriesStore(),
    polls: [],
    metAsleep: [],
    wakes: [],
    sleeps: [],
    answered: 0,
    awakeSeconds: 0,
  }
  const { store } = day
  let pods = [0, 1, 2].map((index) => new GatewayPod(`gateway-${index}`, clock))
  const scaled: Scaled = { replicas: 0, failures: [] }
  const autoscaler = new PodAutoscaler()
  /** When each engine pod is ready. */
  let engines: number[] = []
  let lastEnd = Number.NEGATIVE_INFINITY
  let askedAt: number | undefined
  const leaving: { at: number; leave: () => void }[] = []
  let next = 0

  const ask = async (pod: GatewayPod, { at, seconds: length }: Arrival): Promise<void> => {
    if (scaled.replicas === 0) {
      day.metAsleep.push({ at, idleSeconds: at - lastEnd })
      askedAt ??= at
    }
    const request = {
      tenant: `t${at % 3}`,
      tokens: 1,
      promptTokens: 1,
      affinity: undefined,
      holdUntil: (at + holdSeconds.request) * 1000,
    }
    try {
      const lease = await pod.runtime.acquire(request, () => {})
      const leave = () => {
        lease.release('answered')
        pod.end('ok')
        day.answered += 1
      }
      // A short one is over before anybody looks.
      if (length < 1) leave()
      else leaving.push({ at: clock.now + length, leave })
    } catch {
      pod.end('error')
    }
    lastEnd = Math.max(lastEnd, clock.now)
  }

  const sourcesAt = (at: number): Source[] => {
    const used = usedAt(store, at, plan.idleAfterSeconds)
    const sum = (name: string) => store.instant(name, at).reduce((total, value) => total + value, 0)
    return [sum(gatewayMetrics.inflight), sum(gatewayMetrics.waiting), used]
  }

  const publish = (): void => {
    const ready = engines.filter((at) => at <= clock.now).length
    const endpoints = Array.from({ length: ready }, (_, index) => ({
      address: `10.0.0.${index}`,
      port: 8000,
      ready: true,
    }))
    for (const { runtime } of pods) runtime.update({ ...runtime.entry, endpoints })
  }

  const follow = (): void => {
    if (scaled.replicas < engines.length) {
      if (scaled.replicas === 0) day.sleeps.push(clock.now)
      engines = engines.slice(0, scaled.replicas)
      publish()
    }
    while (engines.length < scaled.replicas) engines.push(clock.now + plan.coldStartSeconds())
  }

  for (let at = 0; at < seconds; at += 1) {
    clock.now = at
    for (const one of leaving.filter((entry) => entry.at <= at)) {
      one.leave()
      lastEnd = Math.max(lastEnd, at)
      leaving.splice(leaving.indexOf(one), 1)
    }
    if (engines.includes(at) || engines.some((ready) => ready > at - 1 && ready <= at)) {
      publish()
      if (askedAt !== undefined) day.wakes.push({ askedAt, readyAt: at })
      askedAt = undefined
    }
    for (const pod of pods) for (const job of pod.waiting) job.tick(at * 1000)
    const rolled = plan.rollouts.indexOf(at)
    if (rolled >= 0) {
      pods = pods.map((pod, index) => (index === rolled % 3 ? new GatewayPod(`gateway-${at}`, clock) : pod))
      publish()
    }
    for (; arrivals[next]?.at === at; next += 1) void ask(pods[next % 3] as GatewayPod, arrivals[next] as Arrival)
    await Promise.resolve()
    if (at % scrapeSeconds === 3) for (const [index, pod] of pods.entries()) pod.scrape(store, at + 0.1 * (index + 1))
    if (at % pollSeconds === 7) {
      const sources = sourcesAt(at)
      day.polls.push({ at, used: sources[2] })
      poll(spec, scaled, sources, at)
    }
    if (at % 15 === 11) autoscaler.sync(spec, scaled, sourcesAt(at), at)
    follow()
    if (engines.length > 0) day.awakeSeconds += 1
  }
  return day
}
