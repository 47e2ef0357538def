// What a newcomer waits for: start, first token, tokens per second, and the memory of the model server after 100 requests.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'

const requests = 100
const model = 'tiny-stories'
const root = join(import.meta.dirname, '..')

interface Ready {
  result: { url: string; token: string }
}

const seconds = (since: number): number => (performance.now() - since) / 1000

/** Seconds of `npm ci` in a clone; it needs a registry, so only with --install. */
function install(): Measurement {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-install-'))
  try {
    run('git', ['clone', '--quiet', root, folder], root)
    const started = performance.now()
    run('npm', ['ci', '--silent', '--no-audit', '--no-fund'], folder)
    return { name: 'npm ci in a clone', value: round(seconds(started)), unit: 's' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command: string, args: string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`, { cause: error })
}

async function firstLine(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('no standard output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Ready
  throw new Error('npm start ended before it was ready; run it by hand to see why')
}

/** Seconds to the first piece and tokens per second after it, of one streamed answer. */
async function answer({ result: { url, token } }: Ready): Promise<{ first: number; rate: number }> {
  const started = performance.now()
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Tell me a story.' }],
    }),
  })
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`)
  let text = ''
  let first: number | undefined
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (first === undefined && /"content":"[^"]/.test(text)) first = seconds(started)
  }
  const tokens = Number(/"completion_tokens":(\d+)/.exec(text)?.[1])
  if (first === undefined || Number.isNaN(tokens)) throw new Error(`not a whole answer: ${text.slice(-500)}`)
  return { first, rate: (tokens - 1) / (seconds(started) - first) }
}

/** MiB of the processes below this one whose command line has the text; Linux alone has /proc. */
function pssMib(parent: number, text: string): number {
  const kib = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        const isChild = readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`)
        if (!isChild || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)) return 0
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
      } catch {
        return 0 // It ended meanwhile.
      }
    })
    .reduce((sum, one) => sum + one, 0)
  if (!(kib > 0)) throw new Error(`no child process with ${text} in its command line`)
  return round(kib / 1024)
}

async function runLocal(): Promise<Measurement[]> {
  const started = performance.now()
  const child = spawn(process.execPath, ['local/npm-start.mjs', '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  try {
    const ready = await firstLine(child)
    const healthy = seconds(started)
    const cold = await answer(ready)
    const warm: Awaited<ReturnType<typeof answer>>[] = []
    for (let done = 1; done < requests; done++) warm.push(await answer(ready))
    return [
      { name: 'start to healthy', value: round(healthy), unit: 's' },
      { name: 'first token of the first request', value: round(cold.first), unit: 's' },
      { name: 'first token, median', value: round(median(warm.map(({ first }) => first))), unit: 's' },
      { name: 'tokens per second, median', value: round(median(warm.map(({ rate }) => rate))), unit: 'tokens/s' },
      {
        name: `model server after ${requests} requests, PSS`,
        value: pssMib(child.pid ?? 0, 'model-server'),
        unit: 'MiB',
      },
      { name: `gateway after ${requests} requests, PSS`, value: pssMib(child.pid ?? 0, 'gateway/'), unit: 'MiB' },
    ]
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

export const localBenchmark: Benchmark = {
  name: 'local',
  summary: 'npm start: ready, first token, tokens per second, memory; --install also times npm ci in a clone',
  run: async () => [...(process.argv.includes('--install') ? [install()] : []), ...(await runLocal())],
}
