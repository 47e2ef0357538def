// Rules about a model and its lock: same model, same revision, weights that may be loaded.
import type { Code } from '../diagnostics/codes.ts'
import type { Pointer } from '../load/source-file.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelFile } from '../schema/model.ts'
import type { Findings } from './findings.ts'
import type { CheckedModel } from './repository.ts'

export function checkLock(
  { loaded, file, lock }: CheckedModel,
  bundled: ReadonlyMap<string, string | undefined>,
  findings: Findings,
): void {
  const source = loaded.file
  const add = (code: Code, pointer: Pointer, message: string, hint: string) =>
    findings.add(code, source.position(pointer), message, hint)
  if (lock.id !== file.model)
    add(
      'LOCK_STALE',
      ['model'],
      `the lock is about ${lock.id}, the file about ${file.model}`,
      `npm run lock -- ${loaded.name} writes it`,
    )
  if (lock.needsRemoteCode)
    add(
      'REMOTE_CODE',
      ['model'],
      `${file.model} loads only by running code from its repository`,
      'choose a model that the engine knows; remote code is never run here',
    )
  if (file.model.startsWith('./')) {
    if (file.revision !== undefined)
      add(
        'REVISION_BUNDLED',
        ['revision'],
        'a bundled model has no revision',
        'remove revision; the lock holds the hash of the folder',
      )
    const hash = bundled.get(file.model)
    if (hash === undefined)
      add(
        'BUNDLED_MISSING',
        ['model'],
        `there is no folder ${file.model}`,
        'write the folder relative to the root of the repository',
      )
    else if ('sha256' in lock && lock.sha256 !== hash)
      add(
        'LOCK_BUNDLED_HASH',
        ['model'],
        `${file.model} has the hash ${hash}, its lock says ${lock.sha256}`,
        `restore the folder, or write the new hash: npm run lock -- ${loaded.name}`,
      )
    return
  }
  if (
    file.revision === undefined &&
    !Object.values(file.clusters).every((patch) => typeof patch.revision === 'string')
  ) {
    add(
      'REVISION_MISSING',
      ['model'],
      `${file.model} has no revision`,
      'revision' in lock ? `write revision: ${lock.revision}` : 'write the commit of the model repository',
    )
  }
  if (!lock.safetensors)
    add(
      'PICKLE_WEIGHTS',
      ['model'],
      'this revision has no safetensors weights, only pickle files, which run code when they are loaded',
      'choose a revision or a repository with safetensors',
    )
  checkRevisions(loaded.name, file, lock, add)
}

function checkRevisions(
  name: string,
  file: ModelFile,
  lock: Lock,
  add: (code: Code, pointer: Pointer, message: string, hint: string) => void,
): void {
  const revisions = [
    { pointer: ['revision'] as Pointer, revision: file.revision },
    ...Object.entries(file.clusters).map(([cluster, patch]) => ({
      pointer: ['clusters', cluster, 'revision'],
      revision: patch.revision,
    })),
  ]
  for (const { pointer, revision } of revisions) {
    if (typeof revision !== 'string' || !('revision' in lock) || lock.revision === revision) continue
    add(
      'LOCK_STALE',
      pointer,
      `the lock is about revision ${lock.revision}, the file names ${revision}`,
      `npm run lock -- ${name} writes the lock of this revision`,
    )
  }
}
