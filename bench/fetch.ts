// How long weights take from a store that sends 20 MB/s on a connection: one connection and a hash afterwards, beside what the product does.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { fillDirectory } from '../model-server/fetch/fill-directory.ts'
import { readParts } from '../model-server/fetch/read-parts.ts'
import { fetchTools, hubSource, listModel } from '../model-server/hub/hub-source.ts'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'

const fileBytes = 240_000_000
const bytesPerSecond = 20_000_000
const rounds = 3
const model = 'bench/weights'

async function secondsOf(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await task()
  return (performance.now() - started) / 1000
}

/** As it was before: one connection, and the file is read again for its hash. */
async function oneConnection(url: string, path: string): Promise<void> {
  const { body } = await fetch(`${url}/${model}/resolve/main/model.safetensors`)
  if (body === null) throw new Error('the store sent nothing')
  await pipeline(body, createWriteStream(path))
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  hash.digest()
}

async function measure(url: string, folder: string): Promise<Record<'before' | 'now' | 'unhashed', number>> {
  const tools = { ...fetchTools({ HF_ENDPOINT: url }), output: { write: () => true } }
  const { commit, files } = await listModel(tools, model, 'main')
  const source = hubSource(tools.client, model, commit)
  const before = await secondsOf(() => oneConnection(url, join(folder, 'before')))
  const now = await secondsOf(() => fillDirectory(source, files, join(folder, 'now'), tools))
  const unhashed = await secondsOf(async () => {
    const [file] = files
    if (file === undefined) throw new Error('the store lists nothing')
    const output = await open(join(folder, 'unhashed'), 'w')
    const reading = { name: file.path, bytes: file.bytes, from: 0, open: () => source.open(file) }
    for await (const part of readParts(reading, tools.transfer)) await output.write(part)
    await output.close()
  })
  return { before, now, unhashed }
}

async function run(): Promise<Measurement[]> {
  const store = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fetch/slow-store.ts'), `${fileBytes}`, `${bytesPerSecond}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const results: Awaited<ReturnType<typeof measure>>[] = []
  try {
    const [port] = (await once(createInterface({ input: store.stdout }), 'line')) as [string]
    for (let count = 0; count < rounds; count += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
      results.push(await measure(`http://127.0.0.1:${port}`, folder))
      rmSync(folder, { recursive: true })
    }
  } finally {
    store.kill()
  }
  const middle = (of: (result: (typeof results)[number]) => number): number => round(median(results.map(of)))
  return [
    { name: '240 MB over one connection, hashed afterwards', value: middle(({ before }) => before), unit: 's' },
    { name: 'over eight connections, hashed while written', value: middle(({ now }) => now), unit: 's' },
    { name: 'times as fast', value: middle(({ before, now }) => before / now), unit: '×', ratioTo: 'one connection' },
    { name: 'over eight connections, not hashed', value: middle(({ unhashed }) => unhashed), unit: 's' },
    {
      name: 'what hashing adds',
      value: middle(({ now, unhashed }) => now / unhashed - 1),
      unit: 'share',
      ratioTo: 'not hashed',
    },
  ]
}

export const fetchBenchmark: Benchmark = {
  name: 'fetch',
  summary: 'weights from a store that sends 20 MB/s on a connection',
  run,
}
