// The form in which every benchmark prints its figures.
import { availableParallelism, loadavg } from 'node:os'

export interface Measurement {
  name: string
  value: number
  unit: string
  /** What a ratio is taken to, measured in the same run. */
  ratioTo?: string
}

export interface Benchmark {
  name: string
  summary: string
  run(): Promise<Measurement[]>
}

export const machine = () => ({
  cpus: availableParallelism(),
  load: loadavg().map((load) => Math.round(load * 100) / 100),
})

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export const round = (value: number): number => Math.round(value * 1000) / 1000
