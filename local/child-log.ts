// A child's log line, JSON or not, as one line for people; undefined when it says nothing that a person at the terminal needs.

type Facts = Record<string, unknown>

/** Printed only with --verbose: what every start and every end brings. */
const routine = new Set(['loading', 'loaded', 'listening', 'draining', 'stopped', 'demo-model'])

export function parseLine(text: string): Facts | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Facts
  } catch {
    return undefined
  }
}

export function readable(text: string, verbose: boolean): string | undefined {
  const facts = parseLine(text)
  if (facts === undefined) return text.trim() === '' ? undefined : text
  if (!verbose && facts.event === 'request') return request(facts)
  if (!verbose && facts.event === 'refused') return `${facts.status} ${facts.route}  ${facts.reason}`
  if (!verbose && routine.has(String(facts.event))) return undefined
  const { time: _, level, event, ...rest } = facts
  const start = [level === 'info' ? undefined : level, event].filter(Boolean).join(' ')
  return [start, ...Object.entries(rest).map(pair)].join('  ')
}

const pair = ([name, value]: [string, unknown]): string =>
  `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`

function request({ status, route, model, reason, inputTokens, outputTokens, durationMs }: Facts): string {
  const tokens = outputTokens === undefined ? '' : `  ${inputTokens} + ${outputTokens} tokens`
  const why = reason === undefined ? '' : `  ${reason}`
  return `${status} ${route} ${model}${tokens}  ${Math.round(Number(durationMs))} ms${why}`
}
