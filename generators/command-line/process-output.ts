// The output of this process. All that commands print passes here, so this is where text of users becomes harmless.
import { visible } from '../diagnostics/visible.ts'
import type { Output } from './command.ts'
import { outliveReaders } from './outlive-readers.ts'

/**
 * GitHub's runner takes `::error …` at the start of a line and `##[error]…` anywhere for commands (actions/runner,
 * ActionCommand.cs); what a file says must not become one.
 */
const withoutCommands = (text: string): string =>
  text.replace(/^(\s*):(?=:)/gm, '$1\\u003a').replaceAll('##[', '#\\u0023[')

export function processOutput(): Output {
  outliveReaders()
  const github = process.env.GITHUB_ACTIONS === 'true'
  const shown = (text: string): string => (github ? withoutCommands(visible(text)) : visible(text))
  return {
    out: (text) => process.stdout.write(shown(text)),
    log: (text) => process.stderr.write(shown(text)),
    status: (text) => process.stderr.write(`\r\u001b[K${shown(text)}`),
    ...(github && { annotate: (command: string) => process.stderr.write(`${visible(command)}\n`) }),
    terminal: process.stderr.isTTY ?? false,
  }
}
