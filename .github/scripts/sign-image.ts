// Signs an image with the identity of the job: no key that could be lost.
import { spawnSync } from 'node:child_process'
import { readArguments } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'
import { readImage } from './image-reference.ts'

export const signImage: Command = {
  name: 'sign-image',
  summary: 'sign an image by its digest with cosign, keyless',
  usage: 'npm run workflow -- sign-image HOST/OWNER/NAME@sha256:…',
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { repository, digest } = readImage(readArguments(args, {}).positionals[0])
  const { status, error } = spawnSync('cosign', ['sign', '--yes', `${repository}@${digest}`], { stdio: 'inherit' })
  if (error !== undefined) throw new Failure('cosign cannot be started', { cause: error })
  if (status !== 0) throw new Failure(`cosign ended with ${status}`)
  output.out(`signed: ${repository}@${digest}\n`)
  return 0
}
