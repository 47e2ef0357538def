// What a release calls an image: computed once, then used to push, to sign, to attest and to record.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'
import { imageName, imageRepository, imageTag } from './image-reference.ts'
import { writeOutputs } from './job-outputs.ts'

export const nameImage: Command = {
  name: 'name-image',
  summary: 'write what a release calls an image to the outputs `repository`, `tag` and `reference` of a step',
  usage: `npm run workflow -- name-image NAME [--root DIR]

  NAME   of an image in apps/images.yaml, without registry and owner

  GITHUB_REPOSITORY_OWNER   whose image it is, capitals or not
  GITHUB_REF_NAME           Git's tag: v and the version of package.json`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, {})
  const root = readRoot(values.root)
  const [name] = positionals
  const names = Object.values(parse(read(root, 'apps/images.yaml')) as Record<string, { repository: string }>).map(
    ({ repository }) => imageName(repository),
  )
  if (name === undefined || !names.includes(name))
    throw new UsageError(`which image? apps/images.yaml has ${names.join(' and ')}`)
  const { GITHUB_REPOSITORY_OWNER: owner = '', GITHUB_REF_NAME: gitTag = '' } = process.env
  if (owner === '') throw new Failure('GITHUB_REPOSITORY_OWNER is not set; a workflow’s job has it')
  const tag = imageTag(gitTag)
  const { version } = JSON.parse(read(root, 'package.json')) as { version: string }
  if (tag !== version)
    throw new UsageError(
      `the tag is ${gitTag}, the version in package.json is ${version}: tag the commit as v${version}, or run npm version ${tag} --no-git-tag-version first`,
    )
  const repository = imageRepository(owner, name)
  writeOutputs({ repository, tag, reference: `${repository}:${tag}` }, output)
  return 0
}

function read(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    throw new Failure(`cannot read ${path}`, { cause: error })
  }
}
