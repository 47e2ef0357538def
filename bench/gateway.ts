// What the gateway costs, with every feature on, beside nginx in the same run: each proxy alone on one core, engine and load
// on the other. Ratios are of CPU time: they hold on a machine that does other things too.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bundle } from '../gateway/bundle.ts'
import { startGateway } from './gateway/gateway.ts'
import { startEngine, startYardstick } from './gateway/nginx.ts'
import { listening, loadCore, type Pinned, proxyCore, runPinned, startPinned } from './gateway/pinned.ts'
import { cpuMicros, residentMib } from './gateway/process-figures.ts'
import { chatBody, saturate } from './gateway/wrk.ts'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'

const path = '/stream/v1/chat/completions'
const runs = 3
const ports = {
  engine: 18_100,
  events: 18_101,
  nginx: 18_110,
  bare: 18_111,
  gateway: 18_112,
  admin: 18_113,
}

interface Proxy extends Pinned {
  name: string
  port: number
  token: string
}

const program = (name: string): string => join(import.meta.dirname, 'gateway', name)

/** All proxies in front of one engine, so that they can be measured in turn. */
async function startProxies(folder: string, bundled: string, upstream: number): Promise<Proxy[]> {
  const nginx = await startYardstick(join(folder, `nginx-${upstream}`), ports.nginx, upstream)
  const bare = startPinned(proxyCore, [
    process.execPath,
    program('bare-proxy.ts'),
    String(ports.bare),
    String(upstream),
  ])
  await listening(ports.bare)
  const gateway = await startGateway(folder, bundled, { port: ports.gateway, adminPort: ports.admin }, [upstream])
  return [
    { ...nginx, name: 'nginx', port: ports.nginx, token: 'none' },
    { ...bare, name: 'bare undici', port: ports.bare, token: 'none' },
    { ...gateway, name: 'gateway', port: ports.gateway },
  ]
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}${path}`

/** Medians of several rounds in which the proxies take turns. */
function interleaved<T>(proxies: readonly Proxy[], rounds: number, measure: (proxy: Proxy) => T): Map<string, T[]> {
  const results = new Map<string, T[]>(proxies.map(({ name }) => [name, []]))
  for (let index = 0; index < rounds; index += 1)
    for (const proxy of proxies) results.get(proxy.name)?.push(measure(proxy))
  return results
}

function ratios(what: string, unit: string, values: ReadonlyMap<string, number>): Measurement[] {
  const yardstick = values.get('nginx') ?? Number.NaN
  return [...values].flatMap(([name, value]) => [
    { name: `${what}, ${name}`, value: round(value), unit },
    ...(name === 'nginx'
      ? []
      : [{ name: `${what}, ${name}`, value: round(value / yardstick), unit: 'ratio', ratioTo: 'nginx' }]),
  ])
}

function throughput(folder: string, proxies: readonly Proxy[]): Measurement[] {
  return [
    { what: 'small requests', bytes: 200 },
    { what: '64 KB requests', bytes: 65_536 },
  ].flatMap(({ what, bytes }) => {
    const body = chatBody(bytes)
    const results = interleaved(proxies, runs, ({ pid, port, token }) =>
      saturate(folder, pid, urlOf(port), { body, token, seconds: 5 }),
    )
    const pick = (read: (one: { requestsPerSecond: number; cpuMicros: number }) => number) =>
      new Map([...results].map(([name, all]) => [name, median(all.map(read))]))
    return [
      ...ratios(
        `${what}: answered`,
        'requests/s',
        pick((one) => one.requestsPerSecond),
      ),
      ...ratios(
        `${what}: per second of CPU`,
        'requests',
        pick((one) => 1e6 / one.cpuMicros),
      ),
    ]
  })
}

interface Latency {
  failed: number
  p50: number
  p99: number
}

/** Latency at 1000 requests a second, above that of the engine without a proxy. */
function latency(proxies: readonly Proxy[]): Measurement[] {
  const measure = (port: number, token: string): Latency => {
    const args = [urlOf(port), token, '1000', '5', chatBody(200)]
    const result = JSON.parse(runPinned(loadCore, [process.execPath, program('steady-load.ts'), ...args])) as Latency
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`)
    return result
  }
  const direct = Array.from({ length: runs }, () => measure(ports.engine, 'none'))
  const results = interleaved(proxies, runs, ({ port, token }) => measure(port, token))
  return [...results].flatMap(([name, all]) =>
    (['p50', 'p99'] as const).map((key) => ({
      name: `added latency at 1000 requests/s, ${key}, ${name}`,
      value: round((median(all.map((one) => one[key])) - median(direct.map((one) => one[key]))) / 1000),
      unit: 'ms',
      ratioTo: 'without a proxy',
    })),
  )
}

interface Events {
  whole: number
  events: number
  p50: number
  p99: number
}

/** Many short streams: the beginning and end of a stream get warm, too. */
const warmUp = { streams: 2000, events: 10 }

/** About ten thousand events a second in total, whatever the number of streams. */
const streamCases = [
  { streams: 100, gapMs: 10, events: 400, rounds: 5 },
  { streams: 500, gapMs: 50, events: 100, rounds: 5 },
  { streams: 2000, gapMs: 200, events: 100, rounds: 3 },
]

async function streaming(folder: string, bundled: string): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const { streams, gapMs, events, rounds } of streamCases) {
    const engine = startPinned(loadCore, [
      process.execPath,
      program('event-engine.ts'),
      String(ports.events),
      String(gapMs),
    ])
    await listening(ports.events)
    const proxies = await startProxies(folder, bundled, ports.events)
    const read = (port: number, token: string, load = { streams, events }): Events =>
      JSON.parse(
        runPinned(loadCore, [
          process.execPath,
          program('event-load.ts'),
          urlOf(port),
          token,
          String(load.streams),
          String(load.events),
        ]),
      ) as Events
    const direct = read(ports.events, 'none')
    const atRest = new Map(proxies.map(({ name, pid }) => [name, residentMib(pid)]))
    // A program compiles its code while it is new, which no pod is for long.
    for (const { port, token } of proxies) read(port, token, warmUp)
    const results = interleaved(proxies, rounds, ({ pid, port, token }) => {
      const before = cpuMicros(pid)
      const result = read(port, token)
      return { ...result, cpu: (cpuMicros(pid) - before) / result.events, mib: residentMib(pid) }
    })
    const about = (what: string) => `${streams} streams: ${what}`
    measurements.push(
      ...ratios(
        about('CPU per event'),
        'µs',
        new Map([...results].map(([name, all]) => [name, median(all.map(({ cpu }) => cpu))])),
      ),
      ...[...results].flatMap(([name, all]): Measurement[] => [
        {
          name: about(`not whole in ${rounds} rounds, ${name}`),
          value: all.reduce((sum, { whole }) => sum + streams - whole, 0),
          unit: 'streams',
        },
        ...(['p50', 'p99'] as const).map((key) => ({
          name: about(`added latency of an event, ${key}, ${name}`),
          value: round((median(all.map((one) => one[key])) - direct[key]) / 1000),
          unit: 'ms',
          ratioTo: 'without a proxy',
        })),
        { name: about(`memory before, ${name}`), value: round(atRest.get(name) ?? 0), unit: 'MiB' },
        { name: about(`memory after, ${name}`), value: round(Math.max(...all.map(({ mib }) => mib))), unit: 'MiB' },
      ]),
    )
    for (const proxy of proxies) await proxy.stop()
    await engine.stop()
  }
  return measurements
}

async function run(): Promise<Measurement[]> {
  for (const tool of ['nginx', 'wrk', 'taskset'])
    if (spawnSync('which', [tool]).status !== 0)
      throw new Error(`${tool} is missing: install the packages nginx, wrk and util-linux (Linux only)`)
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const bundled = join(folder, 'gateway.mjs')
    const bytes = await bundle(bundled)
    const engine = await startEngine(folder, ports.engine)
    const proxies = await startProxies(folder, bundled, ports.engine)
    await wait(1000)
    const measurements: Measurement[] = [
      { name: 'bundle', value: bytes, unit: 'bytes' },
      ...throughput(folder, proxies),
      ...latency(proxies),
    ]
    for (const proxy of proxies) await proxy.stop()
    await engine.stop()
    return [...measurements, ...(await streaming(folder, bundled))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const gatewayBenchmark: Benchmark = {
  name: 'gateway',
  summary: 'requests, latency, streams and memory of the gateway beside nginx (needs nginx and wrk; about 10 minutes)',
  run,
}
