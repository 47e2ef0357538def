// Runs a command with the arguments and the output of this process: the last line of every program with commands.
import type { Command } from './command.ts'
import { dispatch } from './dispatch.ts'
import { processOutput } from './process-output.ts'

/** The first argument names the command. */
export async function runProgram(commands: Record<string, () => Promise<Command>>): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2)
  process.exitCode = await dispatch(commands, name, args, processOutput())
}

/** A program that is one command. */
export async function runAsProgram(command: Command): Promise<void> {
  const program = { [command.name]: async () => command }
  process.exitCode = await dispatch(program, command.name, process.argv.slice(2), processOutput())
}
