// How long synth takes, and how that grows with the number of models. Every run is a process of its own, as users start it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { everything, renderRepository } from '../generators/pipeline.ts'
import { renderCluster } from '../generators/render/render-cluster.ts'
import { emitYaml, yamlOptions } from '../generators/write/emit-yaml.ts'
import { manifestText } from '../generators/write/rendered-file.ts'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'
import { makeModelRepository, writeModel } from './model-repository.ts'

const runs = 5
const sizes = [1, 100, 1000]
const root = join(import.meta.dirname, '..')

/** The words of `npm run synth` without `node`, so that what is measured is what users run. */
const command = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { synth: string } }
).scripts.synth
  .split(' ')
  .slice(1)

interface Run {
  wall: number
  emitted: number
  write: number
  peakMib: number
}

function synth(folder: string, ...args: string[]): Run {
  const started = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, [...command, '--json', '--root', folder, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const wall = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`synth ended with ${status}: ${stdout.slice(0, 2000)}${stderr}`)
  const { summary } = JSON.parse(stdout) as {
    summary: { seconds: number; emittedSeconds: number; peakMemoryMib: number }
  }
  return {
    wall,
    emitted: summary.emittedSeconds,
    write: summary.seconds - summary.emittedSeconds,
    peakMib: summary.peakMemoryMib,
  }
}

const repeat = <T>(action: () => T): T[] => Array.from({ length: runs }, action)

/** What any generator must pay: the same bytes into new files, one after the other. */
function plainWriteSeconds(files: { path: string; text: string }[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-plain-'))
  const started = performance.now()
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const seconds = (performance.now() - started) / 1000
  rmSync(folder, { recursive: true })
  return seconds
}

/** Fresh rendered tree and plain loop in turn, so that both meet the same disk. */
function writeRuns(folder: string, files: { path: string; text: string }[]) {
  return repeat(() => {
    rmSync(join(folder, 'clusters/prod/rendered'), { recursive: true, force: true })
    const run = synth(folder)
    return { run, plain: plainWriteSeconds(files) }
  })
}

function measureSize(models: number): { measurements: Measurement[]; emitted: number } {
  const { folder, remove } = makeModelRepository(models)
  const name = (what: string) => `${what}, ${models} models`
  const seconds = (what: string, value: number): Measurement => ({ name: name(what), value: round(value), unit: 's' })
  try {
    synth(folder)
    const { files } = renderRepository(folder, everything)
    const writes = writeRuns(folder, files)
    const emitted = median(writes.map(({ run }) => run.emitted))
    const check = median(repeat(() => synth(folder, '--check').wall))
    let maxReplicas = 3
    const change = (...args: string[]) => {
      maxReplicas += 1
      const model = writeModel(folder, 0, maxReplicas)
      return synth(folder, ...args.flatMap((arg) => (arg === '--only' ? [arg, model] : [arg]))).wall
    }
    const ratio = median(writes.map(({ run, plain }) => run.write / plain))
    return {
      emitted,
      measurements: [
        { name: name('files'), value: files.length, unit: 'files' },
        seconds('process start to emitted bytes', emitted),
        seconds('compare and write', median(writes.map(({ run }) => run.write))),
        seconds('plain write loop of the same bytes', median(writes.map(({ plain }) => plain))),
        {
          name: name('compare and write'),
          value: round(ratio),
          unit: '×',
          ratioTo: 'plain write loop of the same bytes',
        },
        seconds('whole process, all files new', median(writes.map(({ run }) => run.wall))),
        seconds('one-model change', median(repeat(() => change()))),
        seconds('one-model change with --only', median(repeat(() => change('--only')))),
        seconds('--check, nothing changed', check),
        { name: name('peak memory'), value: Math.max(...writes.map(({ run }) => run.peakMib)), unit: 'MiB' },
      ],
    }
  } finally {
    remove()
  }
}

/** The emitter beside the package whose text it equals. */
function measureEmitter(models: number): Measurement[] {
  const { folder, remove } = makeModelRepository(models)
  try {
    const objects = renderRepository(folder, everything).plans.flatMap((plan) =>
      [...renderCluster(plan, everything, manifestText)].flatMap(({ manifests }) => manifests),
    )
    const time = (emit: (object: object) => string) => {
      const started = performance.now()
      for (const { object } of objects) emit(object)
      return (performance.now() - started) / 1000
    }
    const pairs = repeat(() => ({ own: time(emitYaml), peer: time((object) => stringify(object, yamlOptions)) }))
    return [
      { name: `YAML text of ${objects.length} objects`, value: round(median(pairs.map(({ own }) => own))), unit: 's' },
      {
        name: `YAML text of ${objects.length} objects`,
        value: round(median(pairs.map(({ own, peer }) => own / peer))),
        unit: '×',
        ratioTo: 'yaml package, same options',
      },
    ]
  } finally {
    remove()
  }
}

export const synthBenchmark: Benchmark = {
  name: 'synth',
  summary: 'synth of 1, 100 and 1000 models: emitting, writing, checking, memory, growth',
  async run() {
    const results = sizes.map((models) => ({ models, ...measureSize(models) }))
    const emitted = (models: number) => results.find((result) => result.models === models)?.emitted ?? Number.NaN
    const growth = { name: 'growth', value: round(emitted(1000) / emitted(100)), unit: '×', ratioTo: '100 models' }
    return [...results.flatMap(({ measurements }) => measurements), growth, ...measureEmitter(1000)]
  },
}
