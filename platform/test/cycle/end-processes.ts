// Processes of the engine, found on Linux by a mark in their environment: to end the engine hard, and what it leaves behind. A plugin in
// place of Pulumi’s own may leave the AWS provider that it started, 300 MB each.
import { readdirSync, readFileSync } from 'node:fs'

/** Ends processes with this mark whose parent is gone. */
export const endOrphans = (mark: string): void => endChildren(mark, 1, 'SIGTERM')

/** Sends a signal to processes with this mark that were started by `of`. */
export function endChildren(mark: string, of: number, signal: NodeJS.Signals): void {
  if (process.platform !== 'linux') return
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
      if (parent === String(of) && marked) process.kill(Number(pid), signal)
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
}
