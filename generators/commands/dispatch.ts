// Finds and runs a command; turns what went wrong into one clear message and the right exit code.
import { bugLine, Failure } from '../diagnostics/failure.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { type Command, type Console, type ExitCode, UsageError } from './command.ts'

export async function dispatch(
  commands: Record<string, () => Promise<Command>>,
  name: string,
  args: readonly string[],
  console: Console,
): Promise<ExitCode> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    const near = nearest(name, Object.keys(commands))
    console.log(`unknown command "${name}"${near === undefined ? '' : `; did you mean ${near}?`}\n`)
    console.log(`commands: ${Object.keys(commands).join(', ')}\n`)
    return 1
  }
  const command = await load()
  if (args.includes('--help') || args.includes('-h')) {
    console.out(`${command.summary}\n\n${command.usage}\n`)
    return 0
  }
  try {
    return await command.run(args, console)
  } catch (error) {
    return report(error, command, console)
  }
}

function report(error: unknown, command: Command, console: Console): ExitCode {
  if (error instanceof UsageError) {
    console.log(`${error.message}\n\n${command.usage}\n`)
    return 1
  }
  if (error instanceof Failure) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    console.log(`${error.message}${cause}\n`)
    return 2
  }
  console.log(`${bugLine(error)}\n`)
  return 2
}
