// A stand-in for Prometheus that answers the queries of the operator’s view; that a real one understands them is another test’s part.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { burnQuery, recordedObjective, syncQuery } from '../operator/platform-view.ts'

type Vector = { metric: Record<string, string>; value: [number, string] }[]

const series = (metric: Record<string, string>, value: number | string) =>
  ({ metric, value: [0, String(value)] }) as const

/** @param minutesAgo of the newest sync */
export function platformAnswers(minutesAgo = 5): Record<string, Vector> {
  const one = { model: 'qwen3-8b', slo: 'availability' }
  const other = { model: 'bge-small-en', slo: 'firstToken' }
  const at = Math.floor(Date.now() / 1000) - minutesAgo * 60
  const application = (name: string, sync_status: string, health_status: string) =>
    series({ name, sync_status, health_status }, 1)
  return {
    [`max by (model, slo) (${recordedObjective})`]: [series(one, 0.999), series(other, 0.95)] as Vector,
    [burnQuery('1h')]: [series(one, 16.2), series(other, 'NaN')] as Vector,
    [burnQuery('6h')]: [series(one, 3.1), series(other, 0.4)] as Vector,
    [burnQuery('3d')]: [series(one, 1.2), series(other, 0)] as Vector,
    'max by (name, sync_status, health_status) (argocd_app_info)': [
      application('gateway', 'Synced', 'Healthy'),
      application('model-qwen3-8b', 'OutOfSync', 'Degraded'),
    ] as Vector,
    [syncQuery]: [
      series({ name: 'gateway', phase: 'Failed' }, at - 600),
      series({ name: 'gateway', phase: 'Succeeded' }, at),
    ] as Vector,
  }
}

export interface PrometheusAnswers {
  url: string
  /** How it answers; the answers above when not set. */
  answer: ((response: ServerResponse) => void) | undefined
  /** Queries that were asked. */
  asked: string[]
  stop(): Promise<void>
}

export async function startPrometheusAnswers(): Promise<PrometheusAnswers> {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://here').searchParams.get('query') ?? ''
    answers.asked.push(query)
    if (answers.answer !== undefined) return answers.answer(response)
    const result = platformAnswers()[query]
    if (result === undefined) response.writeHead(400)
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answers: PrometheusAnswers = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: undefined,
    asked: [],
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return answers
}
