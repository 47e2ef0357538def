// A plugin that stands in for Pulumi’s own may leave the AWS provider that it started behind, 300 MB each. On Linux it is found by a mark
// in its environment and ended.
import { readdirSync, readFileSync } from 'node:fs'

/** Ends processes with this mark whose parent is gone. */
export function endOrphans(mark: string): void {
  if (process.platform !== 'linux') return
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
      if (parent === '1' && marked) process.kill(Number(pid))
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
}
