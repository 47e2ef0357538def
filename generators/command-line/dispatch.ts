// Finds and runs a command; turns what went wrong into one clear message and the right exit code.
import { endLine } from '../diagnostics/failure.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { type Command, type ExitCode, type Output, UsageError } from './command.ts'

export async function dispatch(
  commands: Record<string, () => Promise<Command>>,
  name: string,
  args: readonly string[],
  output: Output,
): Promise<ExitCode> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    const near = nearest(name, Object.keys(commands))
    output.log(`unknown command "${name}"${near === undefined ? '' : `; did you mean ${near}?`}\n`)
    output.log(`commands: ${Object.keys(commands).join(', ')}\n`)
    return 1
  }
  const command = await load()
  if (args.includes('--help') || args.includes('-h')) {
    output.out(`${command.summary}\n\n${command.usage}\n`)
    return 0
  }
  try {
    return await command.run(args, output)
  } catch (error) {
    return report(error, command, output)
  }
}

/** How it is called without arguments, as its usage begins: npm scripts have other names than commands, tasks of workflows are arguments. */
function callOf({ name, usage }: Command): string {
  const [call = `npm run ${name}`] = /^npm run (?:-\S+ )*(?:workflow -- [\w-]+|\w[\w:-]*)/.exec(usage) ?? []
  return call.startsWith('npm run workflow') ? call : `${call} --`
}

function report(error: unknown, command: Command, output: Output): ExitCode {
  if (error instanceof UsageError) {
    output.log(`${error.message}\n\n${callOf(command)} --help shows its options.\n`)
    return 1
  }
  output.log(`${endLine(error)}\n`)
  return 2
}
