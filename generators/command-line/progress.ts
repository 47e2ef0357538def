// A line on the terminal when work takes longer than a second; silent in pipes and CI logs.
import type { Progress } from '../pipeline.ts'
import type { Output } from './command.ts'

const quietMs = 1000

export function terminalProgress(output: Output): { report: Progress; clear(): void } {
  const started = performance.now()
  let shown = false
  let last = 0
  return {
    report(phase, done, total) {
      const now = performance.now()
      if (!output.terminal || now - started < quietMs || now - last < 100) return
      last = now
      shown = true
      const share = done === undefined || total === undefined ? '' : ` ${done}/${total}`
      output.status(`${phase}${share} …`)
    },
    clear() {
      if (shown) output.status('')
    },
  }
}
