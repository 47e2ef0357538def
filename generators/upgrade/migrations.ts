// Source files of earlier versions, written in today’s form. An entry looks for the old form, so that it may run again and again.
import { lockText } from '../hub/lock-text.ts'
import { isOutdated, migrateLock } from '../hub/migrate-lock.ts'
import { has, insertBefore, keysAt, removeField, replaceField, scalar, valueAt } from './yaml-moves.ts'

export interface Migration {
  /** The first version that has the new form; CHANGELOG.md names the field there. */
  version: string
  /** The field that is no more, as CHANGELOG.md and messages name it. */
  field: string
  files: RegExp
  /** What it does, for the person that reads the change. */
  says: string
  migrate(text: string): string
}

const modelFile = /^apps\/models\/[^/]+\.yaml$/
const clusterFile = /^clusters\/[^/]+\/cluster\.yaml$/
const lockFile = /^apps\/models\/[^/]+\.lock\.json$/

/** The fields of a model file, and those of its patch in each cluster. */
const withPatches = (text: string): string[][] => [[], ...keysAt(text, ['clusters']).map((name) => ['clusters', name])]

function moveFirstToken(text: string): string {
  return withPatches(text).reduce((found, at) => {
    const old = [...at, 'slo', 'timeToFirstTokenSeconds']
    const seconds = Math.ceil(Number(valueAt(found, old)))
    if (!has(found, old)) return found
    const moved =
      has(found, [...at, 'timeouts']) || !(seconds > 0)
        ? found
        : insertBefore(found, [...at, 'slo'], `timeouts: { firstToken: ${seconds}s }`)
    return removeField(moved, old)
  }, text)
}

function renameAudience(text: string): string {
  const old = ['oidc', 'audience']
  if (!has(text, old)) return text
  if (has(text, ['oidc', 'audiences'])) return removeField(text, old)
  return replaceField(text, old, `audiences: [${scalar(valueAt(text, old))}]`)
}

function describeCache(text: string): string {
  const old: unknown = JSON.parse(text)
  const migrated = isOutdated(old) ? migrateLock(old) : undefined
  return migrated === undefined ? text : lockText(migrated)
}

export const migrations: readonly Migration[] = [
  {
    version: '0.2.0',
    field: 'slo.timeToFirstTokenSeconds',
    files: modelFile,
    says: 'it is a time-out, not an objective: timeouts.firstToken',
    migrate: moveFirstToken,
  },
  {
    version: '0.2.0',
    field: 'oidc.audience',
    files: clusterFile,
    says: 'an issuer may have several: oidc.audiences, a list',
    migrate: renameAudience,
  },
  {
    version: '0.2.0',
    field: 'slidingWindow',
    files: lockFile,
    says: 'what each layer keeps of past tokens: cache, a list',
    migrate: describeCache,
  },
]

export interface Migrated {
  text: string
  /** Entries that changed something. */
  applied: Migration[]
}

/** The text of a source file in today’s form. Text that is no YAML or JSON stays: synth says what is wrong with it. */
export function migrateText(path: string, text: string): Migrated {
  const applied: Migration[] = []
  let found = text
  for (const migration of migrations.filter(({ files }) => files.test(path))) {
    const next = tryMigration(migration, found)
    if (next !== found) applied.push(migration)
    found = next
  }
  return { text: found, applied }
}

function tryMigration({ migrate }: Migration, text: string): string {
  try {
    return migrate(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}
