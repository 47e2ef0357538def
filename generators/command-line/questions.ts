// Questions on a terminal, each with a default that Enter takes. Without a terminal nobody is asked and the defaults count.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { UsageError } from './command.ts'

export interface Questions {
  /** The answer that `read` accepts: it returns a value, or says what is wrong with the answer. */
  ask<Value>(question: string, fallback: string, read: (answer: string) => Value | Error): Promise<Value>
  close(): void
}

export function openQuestions(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Questions {
  const terminal = input.isTTY ? openTerminal(input, output) : undefined
  return {
    async ask(question, fallback, read) {
      for (;;) {
        const answer = terminal === undefined ? '' : (await terminal.question(`${question} [${fallback}] `)).trim()
        const value = read(answer === '' ? fallback : answer)
        if (!(value instanceof Error)) return value
        if (terminal === undefined) throw new UsageError(value.message)
        output.write(`  ${value.message}\n`)
      }
    },
    close: () => terminal?.close(),
  }
}

/** Lines that are typed (or pasted) ahead wait for their question. */
function openTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
  const lines = createInterface({ input, output })
  const ahead: string[] = []
  let ended = false
  lines
    .on('line', (line) => ahead.push(line))
    .on('close', () => {
      ended = true
    })
  return {
    async question(text: string): Promise<string> {
      lines.setPrompt(text)
      lines.prompt()
      if (ahead.length === 0 && !ended) await Promise.race([once(lines, 'line'), once(lines, 'close')])
      const line = ahead.shift()
      if (line === undefined) throw new UsageError('no answer, so nothing was written')
      return line
    },
    close: () => lines.close(),
  }
}
