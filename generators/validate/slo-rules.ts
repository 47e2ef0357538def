// Rules about a model's objectives and time-outs that need no plan: whether the engine counts them at all.
import { type EngineVersion, type Latency, latencies } from '../engines/engine.ts'
import type { Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

/** The gateway waits for no first token longer. */
const longestTimeoutSeconds = 600

export function checkSlo(engine: string, version: EngineVersion, { slo, timeouts }: Draft, report: Report): void {
  const wanted: Record<Latency, number | undefined> = {
    firstToken: slo.firstTokenSeconds,
    interToken: slo.interTokenSeconds,
  }
  for (const latency of latencies) checkBuckets(engine, version, latency, wanted[latency], report)
  const { firstTokenSeconds } = timeouts
  if (firstTokenSeconds !== undefined && (firstTokenSeconds < 1 || firstTokenSeconds > longestTimeoutSeconds))
    report(
      'FIELD_VALUE',
      ['timeouts', 'firstToken'],
      `timeouts.firstToken is ${firstTokenSeconds} s, allowed are 1 to ${longestTimeoutSeconds}`,
      `write ${longestTimeoutSeconds}s or less`,
    )
}

/** Vectors and scores hold no words and come whole: such a smoke test could not pass, or would test nothing. */
export function checkSmoke({ task, smoke }: Draft, report: Report): void {
  if (task === undefined || task === 'text-generation' || task === 'image-text-to-text') return
  const useless = smoke.expect === undefined ? 'firstToken' : 'expect'
  if (useless === 'firstToken' && smoke.firstTokenSeconds === undefined) return
  report(
    'SMOKE_OF_NUMBERS',
    ['smoke', useless],
    `smoke.${useless} is about text, and a model for ${task} answers with numbers`,
    `remove smoke.${useless}; that the numbers are there and not all zero is looked at anyway`,
  )
}

function checkBuckets(
  engine: string,
  { latencies: histograms = {}, page = {}, version }: EngineVersion,
  latency: Latency,
  seconds: number | undefined,
  report: Report,
): void {
  if (seconds === undefined) return
  const histogram = histograms[latency]
  const bounds = (page[histogram ?? '']?.buckets ?? []).map(Number)
  if (histogram === undefined || bounds.length === 0) {
    report(
      'SLO_UNMEASURED',
      ['slo', latency],
      `${engine} ${version} does not measure ${latency}`,
      `remove slo.${latency}; slo.availability is counted at the gateway for every engine`,
    )
    return
  }
  if (bounds.includes(seconds)) return
  const below = bounds.findLast((bound) => bound < seconds)
  const above = bounds.find((bound) => bound > seconds)
  const near = [below, above].flatMap((bound) => (bound === undefined ? [] : `${bound}s`))
  report(
    'SLO_BETWEEN_BUCKETS',
    ['slo', latency, 'p95'],
    `p95 is ${seconds} s, and ${histogram} has no bucket that ends there`,
    `write p95: ${near.join(' or ')}`,
  )
}
