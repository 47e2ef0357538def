// Reads a command's arguments with the options every command has.
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../diagnostics/nearest.ts'
import { UsageError } from './command.ts'

type Options = NonNullable<ParseArgsConfig['options']>

const shared = {
  root: { type: 'string', default: '.' },
  json: { type: 'boolean', default: false },
} as const satisfies Options

/** Options that npm has too, so that their being set says nothing. */
const npmOwn = ['json', 'only', 'yes']

/** `npm run synth --check` hands the option to npm, and synth would write instead of checking. */
function refuseOptionsTakenByNpm(names: readonly string[]): void {
  const taken = names.find((name) => !npmOwn.includes(name) && process.env[`npm_config_${name}`] !== undefined)
  if (taken !== undefined)
    throw new UsageError(`npm took --${taken} for itself; put two dashes before it: -- --${taken}`)
}

export function readArguments<const O extends Options>(args: readonly string[], own: O) {
  const options = { ...shared, ...own }
  refuseOptionsTakenByNpm(Object.keys(options))
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const flag = /'(?:-\w, )?(--?[\w-]+)/.exec(error.message)?.[1]?.replace(/^--?/, '')
    const near = flag === undefined || flag in options ? undefined : nearest(flag, Object.keys(options))
    const reason = error.message.split('. ')[0] ?? error.message
    throw new UsageError(near === undefined ? reason : `${reason}; did you mean --${near}?`)
  }
}

/** The repository's root, absolute; refuses a folder that is no Slipway repository. */
export function readRoot(root: string): string {
  const path = resolve(root)
  for (const folder of ['apps', 'clusters']) {
    if (!statSync(join(path, folder), { throwIfNoEntry: false })?.isDirectory()) {
      throw new UsageError(`${path} has no folder ${folder}/; run this in the repository, or give --root DIR`)
    }
  }
  return path
}
