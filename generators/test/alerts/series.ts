// Series for `promtool test rules`: label sets from recorded pages, values minute by minute from functions of time.

export type Labels = Readonly<Record<string, string>>

/** A line of a page: `name{a="b"} 1`. */
export interface Sample {
  name: string
  labels: Labels
}

export const samplesOf = (page: string): Sample[] =>
  [...page.matchAll(/^([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', text = '']) => ({
    name,
    labels: Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value])),
  }))

/** Value in a minute; undefined: the series is not there. */
export type Course = (minute: number) => number | undefined

export interface TimedSeries {
  name: string
  labels: Labels
  course: Course
}

const text = ({ name, labels }: Sample): string =>
  `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}}`

/** As promtool reads them: one value a minute; where a series ends it is marked as Prometheus does, `_` is nothing. */
export const inputSeries = (series: readonly TimedSeries[], minutes: number) =>
  series.map(({ course, ...sample }) => ({
    series: text(sample),
    values: Array.from(
      { length: minutes + 1 },
      (_, minute) => course(minute) ?? (minute > 0 && course(minute - 1) !== undefined ? 'stale' : '_'),
    ).join(' '),
  }))

/** The sum of a rate per minute from the beginning on. */
export function counter(perMinute: (minute: number) => number): Course {
  const sums: number[] = [0]
  return (minute) => {
    for (let at = sums.length; at <= minute; at += 1) sums[at] = (sums[at - 1] ?? 0) + perMinute(at)
    return sums[minute]
  }
}

/** Between 0 and 1, the same for the same minute; no clock and no chance. */
export function noise(minute: number, seed = 0): number {
  const value = Math.sin(minute * 12.9898 + seed * 78.233) * 43758.5453
  return value - Math.floor(value)
}

/** Few requests at night, most in the afternoon. */
export const daily = (minute: number): number => 0.55 + 0.45 * Math.sin(((minute - 480) / 1440) * 2 * Math.PI)
