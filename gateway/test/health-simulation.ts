// Endpoints with faults, and clients that ask, on a clock of its own: the real choice, health and tries, without a network.

import { verdictOf } from '../call/failure.ts'
import { Ticker } from '../clock.ts'
import { readConfig } from '../read-config.ts'
import type { AnswerKind } from '../serving/health.ts'
import type { Lease } from '../serving/lease.ts'
import { ModelRuntime } from '../serving/model-runtime.ts'
import { type FailedTry, Tries } from '../serving/tries.ts'
import { model } from './harness.ts'

/** What an endpoint does with a request; `answers` and `fails` after this many milliseconds. */
export type Behaviour =
  | { does: 'answers' | 'fails' | 'breaks'; afterMs: number }
  | { does: 'refuses'; afterMs: number; busyMs: number }
  | { does: 'unreachable' | 'silent' }

export interface Visit {
  at: number
  tenant: string
  kind: AnswerKind
  /** Milliseconds after which the client leaves. */
  patienceMs: number
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const failures: Record<'fails' | 'breaks' | 'unreachable', FailedTry> = {
  fails: { retryable: true, endpointFault: true },
  /** After its first byte. */
  breaks: { retryable: false, endpointFault: true },
  unreachable: { retryable: true, endpointFault: true, isFree: true, isUnsent: true },
}

const tickMs = 250

export class Simulation {
  readonly clock = { now: 1_000_000 }
  readonly runtime: ModelRuntime
  readonly start = this.clock.now
  ejections = 0
  /** What was asked, and whether it was answered. */
  readonly seen: { visit: Visit; isAnswered: boolean }[] = []
  readonly #events: { at: number; run: () => void }[] = []
  readonly #behaviour: (endpoint: number, visit: Visit, now: number) => Behaviour

  /** @param behaviour what an endpoint does with a request; times are since the start */
  constructor(endpoints: number, seed: number, behaviour: (endpoint: number, visit: Visit, now: number) => Behaviour) {
    const ticker = new Ticker(1000, () => this.clock.now)
    ticker.stop()
    const entry = model(
      'm',
      Array.from({ length: endpoints }, (_, index) => ({ address: '10.0.0.1', port: index + 1, ready: true })),
    )
    const onEject = () => {
      this.ejections += 1
    }
    const config = { ...readConfig({}).config, SLOW_START_SECONDS: 0.001 }
    this.runtime = new ModelRuntime(entry, config, ticker, { onWake: () => {}, onEject }, randomOf(seed))
    this.#behaviour = behaviour
  }

  run(visits: readonly Visit[]): void {
    for (const visit of visits) this.#later(this.start + visit.at, () => this.#visit(visit))
    for (;;) {
      // A stable order: what was put in first comes first.
      const next = this.#events.reduce<number>(
        (best, { at }, index, all) => (best < 0 || at < (all[best]?.at ?? 0) ? index : best),
        -1,
      )
      const [event] = next < 0 ? [] : this.#events.splice(next, 1)
      if (!event) return
      this.clock.now = event.at
      event.run()
    }
  }

  #later(at: number, run: () => void): void {
    this.#events.push({ at, run })
  }

  #visit(visit: Visit): void {
    const { runtime, clock } = this
    const ask = { tenant: visit.tenant, tokens: 100, promptTokens: 50, affinity: undefined, holdUntil: 0 }
    const tries = new Tries(runtime, ask, 2)
    const first = runtime.acquire(ask, () => {})
    if (first instanceof Promise) throw new Error('the simulation has room for all')
    const until = clock.now + visit.patienceMs
    const end = (isAnswered: boolean) => void this.seen.push({ visit, isAnswered })
    const attempt = (lease: Lease): void => {
      const sentAt = clock.now
      const behaviour = this.#behaviour(runtime.endpoints.indexOf(lease.endpoint), visit, clock.now - this.start)
      let isOver = false
      const fail = (failure: FailedTry): void => {
        isOver = true
        lease.release(verdictOf(failure))
        const next = tries.next(lease, failure)
        if (next) attempt(next)
        else end(false)
      }
      const finish = (): void => {
        if (isOver) return
        if (behaviour.does === 'answers' || behaviour.does === 'breaks') lease.answers(visit.kind, sentAt)
        if (behaviour.does === 'answers') {
          isOver = true
          lease.release('answered')
          end(true)
        } else if (behaviour.does === 'refuses') {
          fail({ retryable: true, endpointFault: false, isFree: true, busyMs: behaviour.busyMs })
        } else if (behaviour.does !== 'silent') fail(failures[behaviour.does])
      }
      if (behaviour.does !== 'silent') this.#later(sentAt + ('afterMs' in behaviour ? behaviour.afterMs : 0), finish)
      const look = (): void => {
        if (isOver) return
        if (clock.now >= until) {
          isOver = true
          lease.left(visit.kind, sentAt)
          lease.release('neutral')
          end(false)
        } else if (lease.waits(visit.kind, sentAt)) fail({ retryable: true, endpointFault: false, isFree: true })
        else this.#later(Math.min(clock.now + tickMs, until), look)
      }
      this.#later(Math.min(sentAt + tickMs, until), look)
    }
    attempt(first)
  }
}

/** One every this many milliseconds. */
export const visitsOf = (seconds: number, everyMs: number, one: (index: number) => Omit<Visit, 'at'>): Visit[] =>
  Array.from({ length: (seconds * 1000) / everyMs }, (_, index) => ({ at: index * everyMs, ...one(index) }))
