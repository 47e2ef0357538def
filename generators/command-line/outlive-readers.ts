// Output that nobody reads any more (`npm run explain -- gpt2 | head -1`, a terminal that was closed): the rest of the text is dropped,
// the work goes on, and the exit code is the one of the work. Gateway and model server are shipped alone: each has this file too.

/**
 * Once, before anything is written. Git ends by SIGPIPE (141 in a shell) and ripgrep with 0; a command here does neither, so that
 * `synth` is never left half-written and `--check` still ends with 1 for a script that watches its pipe.
 */
export function outliveReaders(): void {
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isReaderGone(error, stream.isTTY)) failAtTheEnd(`cannot write to ${name}: ${error.message}\n`)
    })
}

/** A pipe without a reader; a socket, which is what Node makes for its children; the same on Windows. */
const readerGone = new Set(['EPIPE', 'ECONNRESET', 'EOF'])

/** A terminal that hung up is EIO, which from a file would be a broken disk. */
const isReaderGone = ({ code = '' }: NodeJS.ErrnoException, isTerminal: boolean): boolean =>
  readerGone.has(code) || (code === 'EIO' && isTerminal)

let failed = false

/** A full disk: what was asked for is not there, whatever the program makes of its own work. */
function failAtTheEnd(message: string): void {
  if (failed) return
  failed = true
  process.once('exit', () => {
    process.exitCode = 2
  })
  process.stderr.write(message)
}
