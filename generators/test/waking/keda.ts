// What KEDA 2.20.2 and the HorizontalPodAutoscaler make of a ScaledObject, as functions without a clock. Sources, of that tag:
// pkg/scalers/prometheus_scaler.go (ExecutePromQuery, GetMetricsAndActivity), pkg/scalers/cron_scaler.go, pkg/fallback/fallback.go,
// pkg/scaling/scale_handler.go (getScalerState), pkg/scaling/executor/scale_scaledobjects.go (RequestScale, scaleToZeroOrIdle);
// Kubernetes 1.35: pkg/controller/podautoscaler/replica_calculator.go (GetExternalPerPodMetricReplicas), horizontal.go.

export interface Trigger {
  type: string
  metadata: Record<string, string>
}

export interface ScaledSpec {
  minReplicaCount: number
  maxReplicaCount: number
  cooldownPeriod?: number
  fallback?: { failureThreshold: number; replicas: number; behavior: string }
  triggers: Trigger[]
}

/** What a trigger's source says: the value of a query, nothing for an empty result, or that it cannot be asked. */
export type Source = number | undefined | 'away'

export interface Scaled {
  replicas: number
  /** Seconds; undefined: never. */
  lastActiveAt?: number
  /** Failures in a row, by trigger. */
  failures: number[]
}

interface Reading {
  /** What the HorizontalPodAutoscaler gets; undefined: an error. */
  value: number | undefined
  isActive: boolean
}

const thresholdOf = ({ type, metadata }: Trigger): number => (type === 'cron' ? 1 : Number(metadata.threshold))

/** The scaler's own word; undefined: an error. */
function rawReading({ type, metadata }: Trigger, source: Source): Reading | undefined {
  if (source === 'away') return undefined
  if (type === 'cron') return { value: source ?? 0, isActive: (source ?? 0) > 0 }
  if (source === undefined) return metadata.ignoreNullValues === 'true' ? { value: 0, isActive: false } : undefined
  return { value: source, isActive: source > Number(metadata.activationThreshold) }
}

/** With the fallback, which counts as activity from one failure beyond its threshold on. */
function readingOf(spec: ScaledSpec, index: number, source: Source, scaled: Scaled): Reading {
  const trigger = spec.triggers[index] as Trigger
  const raw = rawReading(trigger, source)
  scaled.failures[index] = raw === undefined ? (scaled.failures[index] ?? 0) + 1 : 0
  if (raw !== undefined) return raw
  const { fallback } = spec
  if (fallback === undefined || (scaled.failures[index] ?? 0) <= fallback.failureThreshold)
    return { value: undefined, isActive: false }
  const replicas = fallback.behavior === 'currentReplicas' ? scaled.replicas : fallback.replicas
  return { value: thresholdOf(trigger) * replicas, isActive: true }
}

/** One poll of KEDA: from zero and to zero. */
export function poll(spec: ScaledSpec, scaled: Scaled, sources: readonly Source[], now: number): void {
  const readings = spec.triggers.map((_, index) => readingOf(spec, index, sources[index], scaled))
  const isError = readings.some(({ value }) => value === undefined)
  if (readings.some(({ isActive }) => isActive)) {
    if (scaled.replicas === 0) scaled.replicas = Math.max(1, spec.minReplicaCount)
    else if (isError) return
    scaled.lastActiveAt = now
    return
  }
  if (isError && (spec.fallback === undefined || spec.fallback.replicas !== 0)) return
  if (scaled.replicas > 0 && spec.minReplicaCount === 0) {
    const { lastActiveAt } = scaled
    if (lastActiveAt === undefined || lastActiveAt + (spec.cooldownPeriod ?? 300) < now) scaled.replicas = 0
  } else if (scaled.replicas < spec.minReplicaCount) scaled.replicas = spec.minReplicaCount
}

/** Seconds, and pods a minute, by which fewer replicas are ordered. */
const stabilizationSeconds = 300
const tolerance = 0.1

/** The HorizontalPodAutoscaler that KEDA makes; of less than one replica it takes no notice. */
export class PodAutoscaler {
  readonly #wanted: { at: number; replicas: number }[] = []
  #loweredAt = Number.NEGATIVE_INFINITY

  sync(spec: ScaledSpec, scaled: Scaled, sources: readonly Source[], now: number): void {
    if (scaled.replicas === 0) return
    const values = spec.triggers.map((_, index) => readingOf(spec, index, sources[index], scaled).value)
    const orders = values.map((value, index) => orderOf(value, thresholdOf(spec.triggers[index] as Trigger), scaled))
    const known = orders.filter((order) => order !== undefined)
    if (known.length === 0) return
    const order = Math.max(...known)
    if (known.length < orders.length && order < scaled.replicas) return
    const wanted = Math.min(Math.max(order, spec.minReplicaCount, 1), spec.maxReplicaCount)
    this.#wanted.push({ at: now, replicas: wanted })
    const recent = this.#wanted.filter(({ at }) => at > now - stabilizationSeconds)
    const stable = Math.max(...recent.map(({ replicas }) => replicas))
    if (wanted > scaled.replicas) scaled.replicas = wanted
    else if (stable < scaled.replicas && now - this.#loweredAt >= 60) {
      scaled.replicas -= 1
      this.#loweredAt = now
    }
  }
}

/** Of an AverageValue: the sum over the target, unless it is within a tenth of what runs. */
function orderOf(value: number | undefined, target: number, { replicas }: Scaled): number | undefined {
  if (value === undefined) return undefined
  return Math.abs(1 - value / (target * replicas)) <= tolerance ? replicas : Math.ceil(value / target)
}

/** What KEDA's cron trigger says at a minute of the week, counted from Sunday in its own time zone. */
export function inWindow({ start, end }: Record<string, string>, minute: number): boolean {
  const [nextStart, nextEnd] = [start, end].map((cron = '') => minutesUntil(cron, minute))
  return !((nextStart ?? 0) < (nextEnd ?? 0))
}

/** Minutes to the next one that the expression names, this one left out. */
function minutesUntil(cron: string, from: number): number {
  const [minute, hour, , , days = ''] = cron.split(' ')
  for (let distance = 1; distance <= 7 * 1440; distance += 1) {
    const at = (from + distance) % (7 * 1440)
    const day = String(Math.floor(at / 1440))
    if (at % 60 === Number(minute) && Math.floor((at % 1440) / 60) === Number(hour))
      if (days === '*' || days.split(',').includes(day)) return distance
  }
  return Number.POSITIVE_INFINITY
}
