// Runs a program to its end without blocking this process, in which the server may live that the program talks to.
import { spawn } from 'node:child_process'

export interface Outcome {
  status: number | null
  out: string
  log: string
}

export interface RunOptions {
  env?: Record<string, string>
  /** What is typed; without it there is nothing to read. */
  input?: string
}

export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, input }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, [...args], { env: { ...process.env, GITHUB_ACTIONS: '', ...env } })
  let [out, log] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, log })))
}
