// What operators see that no gateway pod knows: how fast error budgets are spent, and what Argo CD did last. All of it is read from
// Prometheus, which has both; so the gateway needs no right in Argo CD.
import { type AskPrometheus, prometheusAt, type Series } from './ask-prometheus.ts'

/** An objective of a model. A burn rate of 1 spends the budget of 30 days in 30 days. */
export interface ObjectiveBurn {
  model: string
  slo: string
  /** Share of good events that is promised. */
  objective: number
  /** By window; null where nothing was counted. */
  burn: Record<BurnWindow, number | null>
}

export interface ApplicationState {
  name: string
  sync: string
  health: string
  /** The newest within a day, to a minute. */
  lastSync: { phase: string; at: string } | null
}

export type PlatformView =
  | { state: 'not_configured' }
  | { state: 'unreachable' }
  | { state: 'known'; at: string; objectives: ObjectiveBurn[]; applications: ApplicationState[] }

/** The long windows of the alerts on objectives (generators/render/alerts/burn-rates.ts), which records them. */
export const burnWindows = ['1h', '6h', '3d'] as const
export type BurnWindow = (typeof burnWindows)[number]

export const recordedObjective = 'slipway:slo_objective:ratio'
export const recordedErrors = (window: BurnWindow): string => `slipway:slo_errors:ratio_rate${window}`

/** Tried on Prometheus by a test. */
export const burnQuery = (window: BurnWindow): string =>
  `max by (model, slo) (${recordedErrors(window)}) / on (model, slo) (1 - max by (model, slo) (${recordedObjective}))`

/** Each minute in which a counter of syncs grew or appeared; of these the last one. */
export const syncQuery =
  'max by (name, phase) (max_over_time((timestamp(changes(argocd_app_sync_total[2m]) > 0) or timestamp(argocd_app_sync_total unless argocd_app_sync_total offset 2m))[1d:1m]))'

const applicationQuery = 'max by (name, sync_status, health_status) (argocd_app_info)'

/** A page that many operators look at asks no more often than that. */
const keptMs = 15_000

export class PlatformReader {
  readonly #ask: AskPrometheus | undefined
  readonly #now: () => number
  readonly #report: (problem: string) => void
  #read: Promise<PlatformView> | undefined
  #readAt = Number.NEGATIVE_INFINITY

  /**
   * @param url of Prometheus; empty: there is none
   * @param now milliseconds of any clock that only grows
   * @param report is given why Prometheus was not read; an address of the cluster’s inside is nothing for a page
   */
  constructor(url: string, now: () => number, report: (problem: string) => void) {
    this.#ask = url === '' ? undefined : prometheusAt(url)
    this.#now = now
    this.#report = report
  }

  read(): Promise<PlatformView> {
    if (this.#ask === undefined) return Promise.resolve({ state: 'not_configured' })
    if (this.#read === undefined || this.#now() - this.#readAt > keptMs) {
      this.#readAt = this.#now()
      this.#read = readAll(this.#ask).catch((error: Error) => {
        this.#report(error.message)
        return { state: 'unreachable' }
      })
    }
    return this.#read
  }
}

async function readAll(ask: AskPrometheus): Promise<PlatformView> {
  const [objectives, applications, syncs, ...burns] = await Promise.all([
    ask(`max by (model, slo) (${recordedObjective})`),
    ask(applicationQuery),
    ask(syncQuery),
    ...burnWindows.map((window) => ask(burnQuery(window))),
  ])
  return {
    state: 'known',
    at: new Date().toISOString(),
    objectives: objectives.map((one) => burnOf(one, burns)).sort(byModel),
    applications: applications.map((one) => stateOf(one, syncs)).sort((a, b) => a.name.localeCompare(b.name)),
  }
}

const byModel = (a: ObjectiveBurn, b: ObjectiveBurn): number =>
  a.model.localeCompare(b.model) || a.slo.localeCompare(b.slo)

function burnOf({ labels: { model = '', slo = '' }, value }: Series, burns: readonly Series[][]): ObjectiveBurn {
  const of = (series: readonly Series[] = []): number | null => {
    const found = series.find(({ labels }) => labels.model === model && labels.slo === slo)?.value
    return found === undefined || !Number.isFinite(found) ? null : found
  }
  const burn = Object.fromEntries(burnWindows.map((window, index) => [window, of(burns[index])]))
  return { model, slo, objective: value, burn: burn as ObjectiveBurn['burn'] }
}

function stateOf({ labels }: Series, syncs: readonly Series[]): ApplicationState {
  const { name = '', sync_status: sync = 'Unknown', health_status: health = 'Unknown' } = labels
  const [last] = syncs.filter((one) => one.labels.name === name).sort((a, b) => b.value - a.value)
  const lastSync = last && { phase: last.labels.phase ?? '', at: new Date(last.value * 1000).toISOString() }
  return { name, sync, health, lastSync: lastSync ?? null }
}
