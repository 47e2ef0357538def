// Leaves what one job has built for the job that proposes it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { readImage } from './image-reference.ts'

export const recordDigest: Command = {
  name: 'record-digest',
  summary: 'write an image, its tag and its digest to a file',
  usage: 'npm run workflow -- record-digest HOST/OWNER/NAME:X.Y.Z@sha256:… --folder DIR',
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, { folder: { type: 'string' } })
  const image = readImage(positionals[0])
  if (values.folder === undefined) throw new UsageError('say where to: --folder DIR')
  mkdirSync(values.folder, { recursive: true })
  const path = join(values.folder, `${image.repository.split('/').at(-1)}.json`)
  writeFileSync(path, `${JSON.stringify(image)}\n`)
  output.out(`written: ${path}\n`)
  return 0
}
