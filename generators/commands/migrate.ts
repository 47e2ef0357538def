// `npm run migrate`: writes source files of an earlier version in today’s form. `npm run upgrade` runs it with the new version’s program.
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { type MigratedFile, migratedFiles, writeMigrated } from './migrate-files.ts'

export const migrate: Command = {
  name: 'migrate',
  summary: 'write source files of an earlier version in today’s form',
  usage: `npm run migrate -- [--check] [--json] [--root DIR]

  --check  write nothing; exit 1 when a file has an older form

  Moves fields that have another place now (message FIELD_MOVED), with their
  comments. npm run upgrade does this too; it is for those who merge by hand.`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, { check: { type: 'boolean', default: false } })
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" belongs to no option`)
  const root = readRoot(values.root)
  const files = migratedFiles(root)
  if (!values.check) writeMigrated(root, files)
  const failed = values.check && files.length > 0
  if (values.json) output.out(jsonReport({ ok: !failed, result: { files: files.map(jsonOf) } }))
  else output.out(files.length === 0 ? 'every source file has today’s form\n' : files.map(lineOf).join(''))
  return failed ? 1 : 0
}

const jsonOf = ({ path, applied }: MigratedFile) => ({
  file: path,
  fields: applied.map(({ version, field, says }) => ({ version, field, says })),
})

const lineOf = ({ path, applied }: MigratedFile): string =>
  applied.map(({ version, field, says }) => `${path}: ${field} of before ${version}: ${says}\n`).join('')
