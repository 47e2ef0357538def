// The cron expression of scaling.schedule: it names the minutes at which a model stays awake, so one expression holds both ends of a window.
// KEDA's cron trigger wants the ends (pkg/scalers/cron_scaler.go: awake while the next `end` comes before the next `start`).

/** When a window begins and ends, as cron expressions. */
export interface AwakeWindow {
  start: string
  end: string
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** What to write instead of an expression that names no windows. */
export const awakeExample = '* 8-17 * * mon-fri'

/** Numbers of a list such as `8-11,13-17` or `mon-fri`, undefined when it is none; `*` is all of them. */
function numbersOf(list: string, most: number, names: readonly string[] = []): Set<number> | undefined {
  if (list === '*') return new Set(Array.from({ length: most + 1 }, (_, index) => index))
  const found = new Set<number>()
  for (const part of list.toLowerCase().split(',')) {
    const ends = part.split('-').map((end) => (/^\d{1,2}$/.test(end) ? Number(end) : names.indexOf(end)))
    const [from = -1, to = from] = ends
    if (ends.length > 2 || from < 0 || to < from || to > most) return undefined
    for (let number = from; number <= to; number += 1) found.add(number)
  }
  return found
}

/** Hours as windows from the one to before the other, 24 at most. */
function rangesOf(hours: ReadonlySet<number>): [from: number, to: number][] {
  const ranges: [number, number][] = []
  for (let hour = 0; hour < 24; hour += 1) {
    const last = ranges.at(-1)
    if (!hours.has(hour)) continue
    if (last?.[1] === hour) last[1] = hour + 1
    else ranges.push([hour, hour + 1])
  }
  return ranges
}

const dayList = (on: readonly number[]): string => (on.length === 7 ? '*' : on.toSorted((a, b) => a - b).join(','))

/** The windows of an expression, or in words why it names none. */
export function readAwakeCron(cron: string): AwakeWindow[] | string {
  const fields = cron.trim().split(/\s+/)
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  if (fields.length !== 5) return `has ${fields.length} fields instead of five`
  if (minute !== '*') return 'names single minutes, and a model that wakes for one is asleep in the next'
  if (dayOfMonth !== '*' || month !== '*') return 'names days of a month, and windows repeat every week'
  const hours = numbersOf(hour, 23)
  const weekdays = numbersOf(dayOfWeek, 7, days)
  if (hours === undefined) return `has hours that are no list of 0 to 23: ${hour}`
  if (weekdays === undefined) return `has days that are no list of sun to sat or 0 to 7: ${dayOfWeek}`
  // 7 is Sunday too.
  const on = [...new Set([...weekdays].map((day) => day % 7))]
  if (hours.size === 24 && on.length === 7) return 'names every minute of the week'
  return rangesOf(hours).map(([from, to]) => ({
    start: `0 ${from} * * ${dayList(on)}`,
    end: to < 24 ? `0 ${to} * * ${dayList(on)}` : `0 0 * * ${dayList(on.map((day) => (day + 1) % 7))}`,
  }))
}
