// One lock of an older form, written in today's without the network; or the diagnostic that says what is needed instead.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diagnose } from '../diagnostics/diagnose.ts'
import { lockText } from '../hub/lock-text.ts'
import { isOutdated, migrateLock } from '../hub/migrate-lock.ts'
import type { LoadedModel } from '../load/repository.ts'
import type { Outcome } from './lock-model.ts'

export function migrateModel(root: string, { name, file, lock }: LoadedModel): Outcome {
  const path = `apps/models/${name}.lock.json`
  const old = lock?.value
  const hint = `npm run lock -- ${name} reads it from the Hub`
  if (lock === undefined)
    return { problems: [diagnose('LOCK_MISSING', file.position([]), `${path} is not there`, hint)] }
  if (!isOutdated(old)) return { files: [] }
  const migrated = migrateLock(old)
  if (migrated === undefined) {
    const message = `${old.architectures.join(', ')}: an old lock does not say what such layers keep of past tokens`
    return { problems: [diagnose('LOCK_OUTDATED', lock.position(['architectures']), message, hint)] }
  }
  return { files: [{ path, before: readFileSync(join(root, path), 'utf8'), text: lockText(migrated) }] }
}
