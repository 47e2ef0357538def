// The console of a program's own process; one for all that dispatch commands.
import type { Console } from './command.ts'
import { outliveReaders } from './outlive-readers.ts'

export function processConsole(): Console {
  outliveReaders()
  return {
    out: (text) => process.stdout.write(text),
    log: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY ?? false,
    github: process.env.GITHUB_ACTIONS === 'true',
  }
}
