// What it costs the gateway to refuse a request, by why and by how large its body is; and what the other tenants notice of one who
// sends the worst all the time. The gateway alone on one core, everything else on the other.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../gateway/bundle.ts'
import { startGateway } from './gateway/gateway.ts'
import { startEngine } from './gateway/nginx.ts'
import { loadCore, type Pinned, proxyCore, runPinned, startPinned } from './gateway/pinned.ts'
import { cpuMicros } from './gateway/process-figures.ts'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'

const ports = { engine: 18_120, gateway: 18_121, admin: 18_122, dropping: 18_123 }
const program = (name: string): string => join(import.meta.dirname, 'gateway', name)

const chat = '/stream/v1/chat/completions'
/** Each is refused by what its head or the beginning of its body says. */
const kinds = [
  { name: 'unknown key', path: chat, token: 'unknown', model: 'bench', status: 401 },
  { name: 'over its limit of requests', path: chat, token: 'limited', model: 'bench', status: 429 },
  { name: 'unknown model in the path', path: '/stream/models/none/v1/chat/completions', status: 404 },
  { name: 'unknown model in the body', path: chat, model: 'none', status: 404 },
  { name: 'no such route', path: '/stream/v1/nothing', status: 404 },
]
const sizes = [0, 1000, 64_000, 1_000_000, 10_000_000]
/** Cold: a small one, after ten megabytes went through the caches of the machine, as they do before a large one. */
const ways = ['at once', 'dripped', 'cold']
/** What the worst tenant sends: bodies that take long to scan, refused or not. */
const worst = ['refused', 'short strings', 'nested lists', 'escapes', 'one long string']

function refusals(pid: number, tokens: Readonly<Record<string, string>>): Measurement[] {
  const results: Measurement[] = []
  for (const { name, path, token = 'bench', model = 'bench', status } of kinds)
    for (const bytes of sizes)
      for (const way of ways) {
        if ((way === 'dripped' && bytes < 1_000_000) || (way === 'cold' && bytes !== 1000)) continue
        // Without a body nothing names a model.
        if (bytes === 0 && model === 'none') continue
        const count = way === 'dripped' ? 96 : way === 'cold' || bytes > 64_000 ? 320 : 1600
        const send = (times: number) =>
          runPinned(loadCore, [
            process.execPath,
            program('refused-load.ts'),
            `http://127.0.0.1:${ports.gateway}${path}`,
            tokens[token] ?? token,
            model,
            String(bytes),
            way,
            String(times),
            String(status),
          ])
        send(count / 4)
        const before = cpuMicros(pid)
        send(count)
        const value = round((cpuMicros(pid) - before) / count / 1000)
        results.push({ name: `CPU of a refusal, ${name}, ${bytes} bytes ${way}`, value, unit: 'ms' })
      }
  return results
}

/**
 * Others ask steadily: their p99 alone, while the one sends as much to a program that drops it, which takes the caches and both cores
 * and asks nothing of the gateway, and beside the one, in turns.
 */
async function disturbance(tokens: Readonly<Record<string, string>>): Promise<Measurement[]> {
  const url = `http://127.0.0.1:${ports.gateway}${chat}`
  const others = (): number => {
    const body = JSON.stringify({ model: 'bench', messages: [{ role: 'user', content: 'Hello.' }] })
    const load = [process.execPath, program('steady-load.ts'), url, tokens.bench ?? '', '100', '5', body]
    return (JSON.parse(runPinned(loadCore, load)) as { p99: number }).p99 / 1000
  }
  // It has the time that others leave of its core.
  const nice = (core: number, ...command: string[]) =>
    startPinned(core, ['nice', '-n', '19', process.execPath, ...command])
  const send = (to: string, what: string): Pinned =>
    nice(loadCore, program('worst-load.ts'), to, tokens.worst ?? '', what)
  const beside: Readonly<Record<string, () => Pinned[]>> = {
    idle: () => [],
    dropped: () => [
      nice(proxyCore, program('dropping-server.ts'), String(ports.dropping), '9900000'),
      send(`http://127.0.0.1:${ports.dropping}/`, 'escapes'),
    ],
    ...Object.fromEntries(worst.map((what) => [what, () => [send(url, what)]])),
  }
  const seen = Object.keys(beside).map((name) => ({ name, p99: [] as number[] }))
  for (let turn = 0; turn < 3; turn += 1)
    for (const { name, p99 } of seen) {
      const started = beside[name]?.() ?? []
      p99.push(others())
      for (const one of started) await one.stop()
    }
  const p99Of = (wanted: string): number => median(seen.find(({ name }) => name === wanted)?.p99 ?? [])
  return seen.flatMap(({ name }) => [
    { name: `p99 of the others, ${name}`, value: round(p99Of(name)), unit: 'ms' },
    ...['idle', 'dropped']
      .filter((base) => worst.includes(name) || (base === 'idle' && name === 'dropped'))
      .map((ratioTo) => ({
        name: `p99 of the others, ${name}`,
        value: round(p99Of(name) / p99Of(ratioTo)),
        unit: 'ratio',
        ratioTo,
      })),
  ])
}

async function run(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const bundled = join(folder, 'gateway.mjs')
    await bundle(bundled)
    const engine = await startEngine(folder, ports.engine)
    const gateway = await startGateway(folder, bundled, { port: ports.gateway, adminPort: ports.admin }, [ports.engine])
    const measurements = refusals(gateway.pid, gateway.tokens)
    measurements.push(...(await disturbance(gateway.tokens)))
    await gateway.stop()
    await engine.stop()
    return measurements
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const refusalsBenchmark: Benchmark = {
  name: 'refusals',
  summary:
    'CPU of refused requests, and what others notice of a tenant who sends the worst (needs nginx; about 4 minutes)',
  run,
}
