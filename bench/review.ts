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

interface Checkout {
  folder: string
  generate(...args: string[]): string
  git(...args: string[]): string
}

/** A committed and rendered repository with this many models. */
function withCheckout<Result>(models: number, use: (checkout: Checkout) => Result): Result {
  const { folder, remove } = makeModelRepository(models)
  try {
    const generate = (...args: string[]) => quiet(process.execPath, [main, ...args, '--root', folder])
    const git = (...args: string[]) => quiet('git', ['-C', folder, ...author, ...args])
    generate('synth')
    git('init', '--quiet', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'base')
    return use({ folder, generate, git })
  } finally {
    remove()
  }
}

const card = ({ generate }: Checkout): number =>
  timed(() => generate('review', '--base', 'main', '--format', 'markdown'))

/** Seconds for a change of `changed` models among `models`; and of the peer, Git's own diff of the same files. */
const cardSeconds = (models: number, changed: number): { card: number; diff: number } =>
  withCheckout(models, (checkout) => {
    for (let index = 0; index < changed; index += 1)
      writeModel(checkout.folder, Math.floor((index * models) / changed), 4)
    checkout.generate('synth')
    return { card: card(checkout), diff: timed(() => checkout.git('diff', 'main')) }
  })

/** The image of every model changes by one line in apps/images.yaml. */
const catalogueSeconds = (models: number): number =>
  withCheckout(models, (checkout) => {
    const path = join(checkout.folder, 'apps/images.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('tag: 0.1.0', 'tag: 0.2.0'))
    checkout.generate('synth')
    return card(checkout)
  })

async function run(): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const [models, changed] of [
    [10, 1],
    [100, 10],
    [1000, 1],
    [1000, 10],
    [1000, 100],
  ] as const) {
    const { card: seconds, diff } = cardSeconds(models, changed)
    measurements.push({ name: `card: ${changed} of ${models} models changed`, value: round(seconds), unit: 's' })
    measurements.push({
      name: `card: ${changed} of ${models}, ratio`,
      value: round(seconds / diff),
      unit: '×',
      ratioTo: 'git diff of the same files',
    })
  }
  measurements.push({ name: 'card: an image of all of 1000 models', value: round(catalogueSeconds(1000)), unit: 's' })
  return measurements
}

export const reviewBenchmark: Benchmark = {
  name: 'review',
  summary: 'the card of a pull request: seconds by changed models and all models',
  run,
}
