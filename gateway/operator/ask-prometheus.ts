// Instant queries of Prometheus, with every limit that a server could abuse.
import { fetchText } from '../auth/fetch-text.ts'

export interface Series {
  labels: Readonly<Record<string, string>>
  value: number
}

/** @throws when it does not answer in time, answers too much, or answers something else */
export type AskPrometheus = (query: string) => Promise<Series[]>

const limits = { timeoutMs: 3000, maxBytes: 1_000_000 }

interface Answer {
  data: { result: { metric: Record<string, string>; value: [at: number, value: string] }[] }
}

export const prometheusAt =
  (url: string): AskPrometheus =>
  async (query) => {
    const text = await fetchText(`${url}/api/v1/query?query=${encodeURIComponent(query)}`, limits)
    const { data } = JSON.parse(text) as Answer
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
  }
