// What a command is, and what all commands share: `--root`, `--json`, `--help`, exit codes.

/** 0 clean, 1 the user has something to fix, 2 a bug of ours or a failed read or write. */
export type ExitCode = 0 | 1 | 2

export interface Command {
  name: string
  summary: string
  /** Text of `--help`, without the options that all commands have. */
  usage: string
  run(args: readonly string[], output: Output): ExitCode | Promise<ExitCode>
}

/** Where a command prints; tests give their own. */
export interface Output {
  /** Result, standard output. */
  out(text: string): void
  /** Everything else, standard error. */
  log(text: string): void
  /** A line on the terminal that the next one replaces. */
  status(text: string): void
  /** A workflow command, where GitHub Actions reads them. */
  annotate?(command: string): void
  /** Standard error is a terminal. */
  terminal: boolean
}

/** A wrong option or argument: printed with where the options are described, exit code 1. */
export class UsageError extends Error {
  override name = 'UsageError'
}
