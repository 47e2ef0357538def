// What `npm run key` does to a tenant file: its new text and the key that was made, or what is in the way.

import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { makeApiKey } from '../../gateway/auth/api-key-form.ts'
import { dayOr, unwrap, wholeNumber } from '../command-line/answer-readers.ts'
import { UsageError } from '../command-line/command.ts'
import { dayIn, today } from '../command-line/day.ts'
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { changeValue } from '../load/change-value.ts'
import { parseYaml } from '../load/parse-source.ts'
import type { Repository } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import { type TenantFile, tenantFileSchema } from '../schema/tenant.ts'
import { type ApiKey, withKey, withLastDay, withoutKey } from './key-edit.ts'

/** Days. */
export const usualLife = 90
export const usualOverlap = 7

/** The options of the command. */
export interface KeyOptions {
  expires?: string
  budget?: string
  overlap?: string
  rotate: boolean
  revoke: boolean
}

export interface KeyPlace {
  tenant: string
  id: string
  file: SourceFile
  /** Text of the file. */
  before: string
}

export interface KeyChange {
  text: string
  /** What the list must be in that text. */
  apiKeys: ApiKey[]
  made?: { secret: string; key: ApiKey }
  /** What people read. */
  says: string
}

/** @throws UsageError when there is no such key, or no such day */
export function changeKeys(repository: Repository, place: KeyPlace, values: KeyOptions): KeyChange | Diagnostic {
  const { tenant, id, file, before } = place
  const keys = keysOf(file)
  const index = keys.findIndex((key) => key.id === id)
  if (values.revoke || values.rotate) {
    if (index < 0) {
      const ids = keys.map((key) => key.id)
      throw new UsageError(
        `tenant ${tenant} has no key ${id}; ${didYouMean(id, ids)}there are: ${ids.join(', ') || 'none'}`,
      )
    }
    const change = values.revoke ? revoked(before, keys, index) : rotated(repository, place, index, values)
    return checked(file, change)
  }
  const taken = ownerOf(repository, id)
  if (taken) return taken
  const made = newKey(tenant, id, values)
  return checked(file, {
    text: withKey(before, made.key),
    apiKeys: [...keys, made.key],
    made,
    says: `${id} is a key of ${tenant} up to and including ${made.key.expires}`,
  })
}

function revoked(before: string, keys: readonly ApiKey[], index: number): KeyChange {
  const says = `${keys[index]?.id} is no key any more`
  return { text: withoutKey(before, index), apiKeys: keys.toSpliced(index, 1), says }
}

function rotated(
  repository: Repository,
  { tenant, file, before }: KeyPlace,
  index: number,
  values: KeyOptions,
): KeyChange {
  const keys = keysOf(file)
  const old = keys[index] as ApiKey
  const made = newKey(tenant, nextId(repository, old.id), values, old.tokenBudget)
  const end = dayIn(wholeNumber(values.overlap ?? String(usualOverlap), 0, 365, '--overlap'))
  const expires = end < old.expires ? end : old.expires
  return {
    text: withKey(withLastDay(before, index, expires), made.key),
    apiKeys: [...keys.with(index, { ...old, expires }), made.key],
    made,
    says: `${made.key.id} follows ${old.id}, which is valid up to and including ${expires}; then: npm run key -- ${tenant} ${old.id} --revoke`,
  }
}

function newKey(
  tenant: string,
  id: string,
  { expires, budget }: KeyOptions,
  oldBudget?: number,
): NonNullable<KeyChange['made']> {
  const secret = makeApiKey(tenant)
  const tokenBudget = budget === undefined ? oldBudget : wholeNumber(budget, 1, Number.MAX_SAFE_INTEGER, '--budget')
  const day = expires === undefined ? dayIn(usualLife) : lastDay(expires)
  return {
    secret,
    key: { id, sha256: hash('sha256', secret), expires: day, ...(tokenBudget !== undefined && { tokenBudget }) },
  }
}

function lastDay(text: string): string {
  unwrap(dayOr(text), '--expires')
  if (text < today()) throw new UsageError(`--expires ${text} is past; today is ${today()} in UTC`)
  return text
}

const keysOf = ({ value }: SourceFile): readonly ApiKey[] => (value as TenantFile).apiKeys ?? []

/** Ids name keys in logs, so they are unique among all tenants. */
function ownerOf({ tenants }: Repository, id: string): Diagnostic | undefined {
  for (const { name, file } of tenants) {
    const index = idsOf(file).indexOf(id)
    if (index < 0) continue
    const message = `tenant ${name} has a key ${id}`
    const hint = `choose another id; npm run key -- ${name} ${id} --rotate makes the key that follows it`
    return diagnose('API_KEY_TAKEN', file.position(['apiKeys', index, 'id']), message, hint)
  }
  return undefined
}

/** Of files whose schema nobody has checked yet. */
function idsOf({ value }: SourceFile): unknown[] {
  const { apiKeys } = (value ?? {}) as { apiKeys?: unknown }
  return Array.isArray(apiKeys) ? apiKeys.map((one) => (one as { id?: unknown } | null)?.id) : []
}

/** ci → ci-2 → ci-3. */
function nextId(repository: Repository, id: string): string {
  const [, stem = id, last = '1'] = /^(.*?)(?:-(\d{1,4}))?$/.exec(id) ?? []
  for (let number = Number(last) + 1; ; number += 1) {
    const next = `${stem.slice(0, 40 - `-${number}`.length)}-${number}`
    if (!ownerOf(repository, next)) return next
  }
}

/** YAML can be written in ways that the edit does not know: then people write the lines. */
function checked(file: SourceFile, change: KeyChange): KeyChange | Diagnostic {
  const wanted = changeValue(file.value, ['apiKeys'], change.apiKeys) as TenantFile
  const { file: written } = parseYaml(file.path, change.text, tenantFileSchema)
  const found = written?.value as TenantFile | undefined
  if (isDeepStrictEqual({ apiKeys: [], ...found }, wanted)) return change
  const message = 'apiKeys is written in a way that this command does not change'
  const hint = 'write it as a plain list, an item a key, without anchors and aliases'
  return diagnose('FIELD_VALUE', file.position(['apiKeys'], 'key'), message, hint)
}
