// `npm run bench -- NAME`: runs one benchmark and prints its figures as JSON on standard output. Not a program of
// generators/command-line: a benchmark has no options, no diagnostics and no repository.

import { outliveReaders } from '../generators/command-line/outlive-readers.ts'
import { clusterBenchmark } from './cluster.ts'
import { fetchBenchmark } from './fetch.ts'
import { fitReport } from './fit.ts'
import { gatewayBenchmark } from './gateway.ts'
import { localBenchmark } from './local.ts'
import type { Benchmark } from './measurement.ts'
import { machine } from './measurement.ts'
import { refusalsBenchmark } from './refusals.ts'
import { reviewBenchmark } from './review.ts'
import { synthBenchmark } from './synth.ts'
import { tracesBenchmark } from './traces.ts'

const benchmarks: readonly Benchmark[] = [
  synthBenchmark,
  reviewBenchmark,
  gatewayBenchmark,
  tracesBenchmark,
  refusalsBenchmark,
  localBenchmark,
  clusterBenchmark,
  fetchBenchmark,
]

outliveReaders()

const [name, ...args] = process.argv.slice(2)
const benchmark = benchmarks.find((one) => one.name === name)
if (name === 'fit') {
  // Arithmetic alone: it takes no time that would be worth a figure.
  try {
    console.log(fitReport(args))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
} else if (benchmark === undefined) {
  const isAsked = name === undefined || name === '--help'
  const print = isAsked ? console.log : console.error
  print('Measures, and prints figures as JSON.\n\nnpm run bench -- NAME\n')
  for (const one of benchmarks) print(`  ${one.name.padEnd(9)} ${one.summary}`)
  print('  fit       what the planner says beside public start-up logs; --cases FILE, --json')
  process.exitCode = isAsked ? 0 : 1
} else {
  const before = machine()
  const measurements = await benchmark.run()
  console.log(JSON.stringify({ name, date: new Date().toISOString(), machine: before, measurements }, null, 2))
}
