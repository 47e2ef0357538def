// A day's requests for one model: hard ones that are made, and recorded ones.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arrival } from './day.ts'

/** Numbers from 0 to 1 that are the same in every run. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Calls of 59 ms, 146 of them in 300 s; long streams; bursts; a herd of 500 after a night; calls that come just within idleAfter. */
export function traffic(idleSeconds: number): Arrival[] {
  const next = random(7)
  const arrivals: Arrival[] = []
  const add = (at: number, seconds: number, count = 1) => {
    for (let index = 0; index < count; index += 1) arrivals.push({ at: Math.floor(at), seconds })
  }
  add(herdAt, 1, 500)
  for (let at = 9 * 3600; at < 9 * 3600 + 300; at += 300 / 146) add(at, 0.059)
  for (let at = 10 * 3600; at < 12 * 3600; at += 1 + next() * 240) add(at, 0.059 + next())
  for (let at = 13 * 3600; at < 16 * 3600; at += idleSeconds - 2) add(at, 0.059)
  add(16 * 3600, 1790, 2)
  for (let at = 17 * 3600; at < 18 * 3600; at += 600) add(at, 2, 40)
  for (let at = 19 * 3600; at < 23 * 3600; at += idleSeconds * (0.5 + next() * 2)) add(at, 0.059)
  return arrivals.sort((a, b) => a.at - b.at)
}

/** What a token takes. */
const tokenSeconds = 0.03

/** Requests that a public service got within an hour, short, in bursts, with pauses; spread over a day, so that pauses are long enough to sleep. */
export function recorded(): Arrival[] {
  const lines = readFileSync(join(import.meta.dirname, 'recorded-calls.csv'), 'utf8').split('\n')
  return lines
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').map(Number) as [seconds: number, tokens: number])
    .map(([seconds, tokens]) => ({ at: Math.floor(24 * seconds), seconds: Math.max(0.059, tokens * tokenSeconds) }))
}

export const herdAt = 8 * 3600

/** What comes from an hour on, until the next one. */
type Phase = [hour: number, what: string]

export const phases: readonly Phase[] = [
  [0, 'silence'],
  [8, 'a herd of 500'],
  [9, '146 calls of 59 ms in 300 s'],
  [10, 'calls now and then'],
  [13, 'a call each idleAfter, less 2 s'],
  [16, 'two streams of 1790 s'],
  [17, 'bursts of 40, each ten minutes'],
  [19, 'calls about as far apart as idleAfter'],
  [23, 'silence'],
]

/** One gateway pod after another is replaced. */
export const rollouts = [11, 14, 14.1, 14.2, 17.5].map((hour) => hour * 3600 + 5)

export const recordedPhases: readonly Phase[] = [0, 6, 12, 18].map((hour) => [hour, 'recorded requests'])
