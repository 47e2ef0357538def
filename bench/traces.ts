// What traces cost: the same gateway in turns and in front of the same engines, with spans and without. Each pair has a ratio of its own, since
// each of them beside nginx would hide a few per cent in the noise of two ratios; and a pair without any shows the noise.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../gateway/bundle.ts'
import { type RunningGateway, startGateway } from './gateway/gateway.ts'
import { startEngine } from './gateway/nginx.ts'
import { listening, loadCore, runPinned, startPinned } from './gateway/pinned.ts'
import { cpuMicros } from './gateway/process-figures.ts'
import { chatBody, saturate } from './gateway/wrk.ts'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'

const path = '/stream/v1/chat/completions'
const ports = { engine: 18_130, events: 18_131 }
const places = {
  answers: { port: 18_132, adminPort: 18_133 },
  events: { port: 18_134, adminPort: 18_135 },
}
const rounds = 5
const seconds = 3
const program = (name: string): string => join(import.meta.dirname, 'gateway', name)

/** Shares of requests: 1 %, as the samples have it; every one, which is what a person does who looks for something; and none again, for the noise. */
const without = 'none'
const subjects = [
  { name: without, share: 0 },
  { name: 'none again', share: 0 },
  { name: '1 %', share: 0.01 },
  { name: '100 %', share: 1 },
]

/** One gateway in front of the engine that answers at once, one in front of the engine that streams. */
interface Subject {
  answers: RunningGateway & { url: string }
  events: RunningGateway & { url: string }
}

/** What is compared; less is better. */
type Figures = Record<string, number>

function measure(folder: string, { answers, events }: Subject): Figures {
  const cost = (bytes: number): number =>
    saturate(folder, answers.pid, answers.url, { body: chatBody(bytes), token: answers.token, seconds }).cpuMicros
  const run = (name: string, ...args: string[]) =>
    JSON.parse(runPinned(loadCore, [process.execPath, program(name), ...args])) as Record<string, number>
  const stream = (count: number): number =>
    run('event-load.ts', events.url, events.token, '500', String(count)).events ?? 0
  const small = cost(200)
  const large = cost(65_536)
  const steady = run('steady-load.ts', answers.url, answers.token, '1000', String(seconds), chatBody(200))
  // A program compiles its code while it is new.
  stream(20)
  const before = cpuMicros(events.pid)
  const seen = stream(60)
  return {
    'CPU per small request': small,
    'CPU per 64 KB request': large,
    'CPU per event of 500 streams': (cpuMicros(events.pid) - before) / seen,
    'p50 at 1000 requests/s': steady.p50 ?? Number.NaN,
    'p99 at 1000 requests/s': steady.p99 ?? Number.NaN,
  }
}

/** A process of its own each time: two of one kind differ by what they compile and when. */
async function measureOnce(folder: string, bundled: string, share: number): Promise<Figures> {
  const start = async (kind: keyof typeof places, engine: number) => {
    const own = mkdtempSync(join(folder, `${kind}-`))
    const gateway = await startGateway(own, bundled, places[kind], [engine], share)
    return { ...gateway, url: `http://127.0.0.1:${places[kind].port}${path}` }
  }
  const answers = await start('answers', ports.engine)
  const events = await start('events', ports.events)
  try {
    return measure(folder, { answers, events })
  } finally {
    await answers.stop()
    await events.stop()
  }
}

/** In turns, and each round begins with another one. */
async function compare(folder: string, bundled: string): Promise<Measurement[]> {
  const ratios = new Map<string, number[]>()
  for (let count = 0; count < rounds; count += 1) {
    const figures = new Map<string, Figures>()
    for (const { name, share } of [
      ...subjects.slice(count % subjects.length),
      ...subjects.slice(0, count % subjects.length),
    ])
      figures.set(name, await measureOnce(folder, bundled, share))
    for (const [name, of] of figures)
      for (const [what, value] of name === without ? [] : Object.entries(of)) {
        const key = `${what}, traced: ${name}`
        ratios.set(key, [...(ratios.get(key) ?? []), value / (figures.get(without)?.[what] ?? Number.NaN)])
      }
  }
  return [...ratios].sort().flatMap(([name, all]) => [
    { name, value: round(median(all)), unit: 'ratio', ratioTo: 'none traced' },
    { name: `${name}, lowest of ${rounds}`, value: round(Math.min(...all)), unit: 'ratio' },
    { name: `${name}, highest of ${rounds}`, value: round(Math.max(...all)), unit: 'ratio' },
  ])
}

async function measureAll(folder: string): Promise<Measurement[]> {
  const bundled = join(folder, 'gateway.mjs')
  await bundle(bundled)
  const engine = await startEngine(folder, ports.engine)
  const events = startPinned(loadCore, [process.execPath, program('event-engine.ts'), String(ports.events), '50'])
  await listening(ports.events)
  try {
    return await compare(folder, bundled)
  } finally {
    await engine.stop()
    await events.stop()
  }
}

export const tracesBenchmark: Benchmark = {
  name: 'traces',
  summary: 'what traces cost the gateway, in pairs with one that sends none (needs nginx and wrk; about 8 minutes)',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
    try {
      return await measureAll(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
