// How long a card takes, and how that grows with the repository and with the change. Every run is a process of its own.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Benchmark, type Measurement, median, round } from './measurement.ts'
import { makeModelRepository, writeModel } from './model-repository.ts'

const runs = 5
const main = join(import.meta.dirname, '../generators/main.ts')
const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false']

function quiet(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })
}

const timed = (action: () => unknown): number =>
  median(
    Array.from({ length: runs }, () => {
      const started = performance.now()
      action()
      return (performance.now() - started) / 1000
    }),
  )

/** Seconds for a change of `changed` models among `models`; and of the peer, Git's own diff of the same files. */
function cardSeconds(models: number, changed: number): { card: number; diff: number } {
  const { folder, remove } = makeModelRepository(models)
  try {
    const generate = (...args: string[]) => quiet(process.execPath, [main, ...args, '--root', folder])
    const git = (...args: string[]) => quiet('git', ['-C', folder, ...author, ...args])
    generate('synth')
    git('init', '--quiet', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'base')
    for (let index = 0; index < changed; index += 1) writeModel(folder, Math.floor((index * models) / changed), 4)
    generate('synth')
    return {
      card: timed(() => generate('review', '--base', 'main', '--format', 'markdown')),
      diff: timed(() => git('diff', 'main')),
    }
  } finally {
    remove()
  }
}

/** The image of every model changes by one line in apps/images.yaml. */
function catalogueSeconds(models: number): number {
  const { folder, remove } = makeModelRepository(models)
  try {
    const generate = (...args: string[]) => quiet(process.execPath, [main, ...args, '--root', folder])
    const git = (...args: string[]) => quiet('git', ['-C', folder, ...author, ...args])
    generate('synth')
    git('init', '--quiet', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'base')
    const path = join(folder, 'apps/images.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('tag: 0.1.0', 'tag: 0.2.0'))
    generate('synth')
    return timed(() => generate('review', '--base', 'main', '--format', 'markdown'))
  } finally {
    remove()
  }
}

async function run(): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const [models, changed] of [
    [10, 1],
    [100, 10],
    [1000, 1],
    [1000, 10],
    [1000, 100],
  ] as const) {
    const { card, diff } = cardSeconds(models, changed)
    measurements.push({ name: `card: ${changed} of ${models} models changed`, value: round(card), unit: 's' })
    measurements.push({
      name: `card: ${changed} of ${models}, ratio`,
      value: round(card / diff),
      unit: '×',
      ratioTo: 'git diff of the same files',
    })
  }
  measurements.push({ name: 'card: an image of all of 1000 models', value: round(catalogueSeconds(1000)), unit: 's' })
  return measurements
}

export const reviewBenchmark: Benchmark = {
  name: 'review',
  summary: 'the card of a pull request: seconds by models changed and models there',
  run,
}
