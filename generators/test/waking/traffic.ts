// A day's requests for one model, in the shape of recorded ones.
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

export const herdAt = 8 * 3600

/** One gateway pod after another is replaced. */
export const rollouts = [11, 14, 14.1, 14.2, 17.5].map((hour) => hour * 3600 + 5)
