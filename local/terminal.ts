// What goes to the terminal: lines with the name of who speaks, colour where it is wanted.
import type { WriteStream } from 'node:tty'

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  yellow(text: string): string
  red(text: string): string
}

/** Colour on a terminal, unless NO_COLOR says otherwise (https://no-color.org). */
export function painter(stream: Pick<WriteStream, 'isTTY'>, env: NodeJS.ProcessEnv): Paint {
  const isWanted = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const style = (code: number) => (text: string) => (isWanted ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bold: style(1), dim: style(2), green: style(32), yellow: style(33), red: style(31) }
}

/** Widest prefix; longer names are not cut, they only shift their line. */
const prefixWidth = 14

export interface Log {
  /** Of this program itself. */
  say(text: string): void
  /** Of a child. */
  from(name: string, text: string): void
}

export function makeLog(stream: Pick<WriteStream, 'isTTY' | 'write'>, paint: Paint): Log {
  return {
    say: (text) => void stream.write(`${text}\n`),
    from: (name, text) => void stream.write(`${paint.dim(`${name.padEnd(prefixWidth)} |`)} ${text}\n`),
  }
}
