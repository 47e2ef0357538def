// Writes registry, tags and digests of a release into apps/images.yaml; everything else in the file stays.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'
import { type ImageReference, imageName } from './image-reference.ts'

export const writeDigests: Command = {
  name: 'write-digests',
  summary: 'write what record-digest left into apps/images.yaml',
  usage: 'npm run workflow -- write-digests --folder DIR [--root DIR]',
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, { folder: { type: 'string' } })
  if (values.folder === undefined) throw new UsageError('say where from: --folder DIR')
  const { folder } = values
  const path = join(readRoot(values.root), 'apps/images.yaml')
  const images = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ImageReference)
  const document = parseDocument(readFileSync(path, 'utf8'))
  const { contents } = document
  if (!isMap(contents)) throw new Failure(`${path} is no mapping`)
  for (const { repository, tag, digest } of images) {
    // By its name alone: a copy of this repository releases images of its own owner.
    const name = imageName(repository)
    const pair = contents.items.find(({ value }) => isMap(value) && imageName(String(value.get('repository'))) === name)
    if (pair === undefined || !isMap(pair.value)) throw new Failure(`apps/images.yaml has no image ${name}`)
    pair.value.set('repository', repository)
    if (tag !== undefined) pair.value.set('tag', tag)
    pair.value.set('digest', digest)
  }
  if (images.length === 0) throw new Failure(`${folder} holds no digest`)
  writeFileSync(`${path}.new`, document.toString({ lineWidth: 0 }))
  renameSync(`${path}.new`, path)
  output.out(`written: apps/images.yaml, ${images.length} images\n`)
  return 0
}
