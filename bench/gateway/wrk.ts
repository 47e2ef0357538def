// Requests a second that a proxy answers when it is never without work: wrk, from the other core.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCore, runPinned } from './pinned.ts'
import { cpuMicros } from './process-figures.ts'

export interface Throughput {
  requestsPerSecond: number
  /** CPU of the proxy for one request, in microseconds. */
  cpuMicros: number
}

const connections = 64

/** @param bytes of the request's body, about */
export const chatBody = (bytes: number): string => {
  const content = 'What is the capital of Japan? '.repeat(Math.max(1, Math.round((bytes - 120) / 30)))
  return JSON.stringify({ model: 'bench', messages: [{ role: 'user', content: content.trim() }], max_tokens: 16 })
}

/** @throws Error when an answer was not 200 or a connection broke */
export function saturate(
  folder: string,
  proxyPid: number,
  url: string,
  { body, token, seconds }: { body: string; token: string; seconds: number },
): Throughput {
  const script = join(folder, 'request.lua')
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${token}"
wrk.body = [==[${body}]==]
`,
  )
  const command = (duration: number) => [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${duration}s`,
    '--timeout',
    '10s',
    '-s',
    script,
    url,
  ]
  runPinned(loadCore, command(2))
  const before = cpuMicros(proxyPid)
  const output = runPinned(loadCore, command(seconds))
  const used = cpuMicros(proxyPid) - before
  const [, requests = '0'] = /(\d+) requests in/.exec(output) ?? []
  const [, rate = '0'] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? []
  if (/Non-2xx|Socket errors/.test(output) || Number(requests) === 0) throw new Error(`wrk ${url}: ${output}`)
  return { requestsPerSecond: Number(rate), cpuMicros: used / Number(requests) }
}
