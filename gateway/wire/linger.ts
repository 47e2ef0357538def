// Reads what an engine still sends after the last of its answer, so that its connection can be used again; but not for long.
import type { Ticker, Ticking } from '../clock.ts'

/** Milliseconds that an engine has to end its answer after the last event. */
const lingerMs = 5000

export function lingering(ticker: Ticker, isOver: () => boolean, abort: () => void): void {
  const until = ticker.now() + lingerMs
  const job: Ticking = {
    tick(now) {
      if (now < until && !isOver()) return
      ticker.delete(job)
      if (!isOver()) abort()
    },
  }
  ticker.add(job)
}
