// Series as Prometheus keeps them, and the query of used-query.ts over them: its own reading, which prometheus.test.ts holds to a real one.

export interface Series {
  name: string
  labels: Record<string, string>
  /** Seconds and value, oldest first. */
  samples: [at: number, value: number][]
}

/** An instant value is looked for this far back. */
const lookbackSeconds = 300

export class SeriesStore {
  readonly all = new Map<string, Series>()

  add(name: string, labels: Record<string, string>, at: number, value: number): void {
    const key = JSON.stringify([name, labels])
    const series = this.all.get(key) ?? { name, labels, samples: [] }
    series.samples.push([at, value])
    this.all.set(key, series)
  }

  #named(name: string): Series[] {
    return [...this.all.values()].filter((one) => one.name === name)
  }

  /** Newest values of a gauge. */
  instant(name: string, at: number): number[] {
    return this.#named(name).flatMap((one) =>
      within(one, at, lookbackSeconds)
        .slice(-1)
        .map(([, value]) => value),
    )
  }

  isIncreased(name: string, at: number, seconds: number): boolean {
    return this.#named(name).some((one) => {
      const samples = within(one, at, seconds)
      return samples.some(([, value], index) => index > 0 && value !== samples[index - 1]?.[1])
    })
  }

  highest(name: string, at: number, seconds: number): number {
    return Math.max(...this.#named(name).flatMap((one) => within(one, at, seconds).map(([, value]) => value)))
  }

  /** As `promtool tsdb create-blocks-from openmetrics` reads it. */
  openMetrics(base: number, kinds: Record<string, 'gauge' | 'counter'>): string {
    const lines = Object.entries(kinds).flatMap(([name, kind]) => [
      `# TYPE ${kind === 'counter' ? name.replace(/_total$/, '') : name} ${kind}`,
      ...this.#named(name).flatMap(({ labels, samples }) => {
        const text = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
        return samples.map(([at, value]) => `${name}{${text.join(',')}} ${value} ${(base + at).toFixed(3)}`)
      }),
    ])
    return `${lines.join('\n')}\n# EOF\n`
  }
}

/** Samples of the last seconds; they are looked for from the end. */
function within({ samples }: Series, at: number, seconds: number): [number, number][] {
  let end = samples.length
  while (end > 0 && (samples[end - 1]?.[0] ?? 0) > at) end -= 1
  let start = end
  while (start > 0 && (samples[start - 1]?.[0] ?? 0) >= at - seconds) start -= 1
  return samples.slice(start, end)
}
