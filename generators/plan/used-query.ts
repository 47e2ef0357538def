// The PromQL that says whether a model is in use: what keeps one awake that may sleep, and what wakes it.
import { gatewayMetrics } from '../schema/contract.ts'

const { inflight, lastUse, requests, waiting } = gatewayMetrics

/**
 * 1 while the model is used, 0 while it is not, nothing while no gateway was scraped: KEDA then does nothing, for it cannot know.
 *
 * What was counted within `idleSeconds` counts, however short it was: gauges of requests that run are at zero whenever Prometheus looks between
 * two of them. `increase` does not see the request by which a series begins, so the gateway reports the time of the last one as well; of a
 * pod that is gone since, the time it reported last counts. What waits or runs for longer than a scrape is a gauge's.
 */
export function usedQuery(model: string, idleSeconds: number): string {
  const of = (metric: string): string => `${metric}{model="${model}"}`
  const within = `[${idleSeconds}s]`
  const signs = [
    `increase(${of(requests)}${within}) > 0`,
    `max_over_time(${of(lastUse)}${within}) > time() - ${idleSeconds}`,
    `${of(waiting)} > 0`,
    `${of(inflight)} > 0`,
  ]
  return `clamp_max(count(${signs.join(' or ')}), 1) or 0 * max(${of(waiting)})`
}
