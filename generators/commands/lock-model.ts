// One model's lock: which files change and how, or the diagnostics that say why there is none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Check } from 'typebox/value'
import type { Code, HubCode } from '../diagnostics/codes.ts'
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Bucket } from '../hub/bucket.ts'
import { describeBucket } from '../hub/describe-bucket.ts'
import { describeModel, type Hub } from '../hub/describe-model.ts'
import { HubProblem, type HubRule } from '../hub/hub-problem.ts'
import { lockText } from '../hub/lock-text.ts'
import { readAddress } from '../hub/model-address.ts'
import type { LoadedModel, Repository } from '../load/repository.ts'
import { taskOfTag } from '../schema/hub-tag.ts'
import type { Lock } from '../schema/lock.ts'
import { modelFileSchema } from '../schema/model.ts'
import { readBucketSettings } from './bucket-settings.ts'
import { withRevision } from './revision-edit.ts'

/** Files that one model's lock changes, or why there is none. */
export type Outcome = { files: { path: string; before: string; text: string }[] } | { problems: Diagnostic[] }

type Refuse = (code: Code | HubCode, field: string, message: string, hint: string) => Outcome

const codeOfRule: Record<HubRule, Code | HubCode> = {
  unreachable: 'HUB_UNREACHABLE',
  busy: 'HUB_BUSY',
  answer: 'HUB_ANSWER',
  'no-model': 'HUB_MODEL_UNKNOWN',
  'no-revision': 'HUB_REVISION_UNKNOWN',
  renamed: 'HUB_MODEL_RENAMED',
  'not-served': 'MODEL_NOT_SERVED',
  format: 'QUANTIZATION_UNSUPPORTED',
  gated: 'HUB_GATED',
  licence: 'LICENCE',
  config: 'MODEL_CONFIG',
  attention: 'MODEL_ATTENTION',
  'pickle-weights': 'PICKLE_WEIGHTS',
  'remote-code': 'REMOTE_CODE',
}

const { model: modelField, revision: revisionField } = modelFileSchema.properties

/** @param update take the newest commit of `main`, and write it into the model file */
export async function lockModel(
  repository: Repository,
  hub: Hub,
  model: LoadedModel,
  update: boolean,
): Promise<Outcome> {
  const { name, file } = model
  const { root } = repository
  const path = `apps/models/${name}.lock.json`
  const { model: id, revision, task } = (file.value ?? {}) as Record<string, unknown>
  const refuse: Refuse = (code, field, message, hint) => ({
    problems: [diagnose(code, file.position([field]), message, hint)],
  })
  if (typeof id !== 'string') return refuse('FIELD_MISSING', 'model', 'no model is named', 'write model: OWNER/NAME')
  if (!Check(modelField, id)) return refuse('FIELD_VALUE', 'model', ...noName(id, hub.url))
  if (id.startsWith('./')) return lockBundled(repository, model, id, refuse)
  const updateHint = `npm run lock -- ${name} --update writes the newest one`
  if (!update && typeof revision !== 'string')
    return refuse('REVISION_MISSING', 'model', 'the file has no revision', updateHint)
  if (!update && !Check(revisionField, revision))
    return refuse('FIELD_VALUE', 'revision', `revision ${revision} is no commit of 40 hexadecimal digits`, updateHint)
  try {
    const stated = taskOfTag(typeof task === 'string' ? task : undefined)
    const wanted = stated && { task: stated }
    const facts = id.startsWith('s3://')
      ? await describeBucket(
          new Bucket(id, await readBucketSettings(process.env)),
          update ? undefined : String(revision),
          wanted,
        )
      : await describeModel(hub, id, update ? 'main' : String(revision), wanted)
    const files = [{ path, before: readIfThere(root, path), text: lockText(facts) }]
    if (update && 'revision' in facts) {
      const before = readIfThere(root, file.path)
      files.push({ path: file.path, before, text: withRevision(before, facts.revision) })
    }
    return { files }
  } catch (error) {
    if (!(error instanceof HubProblem)) throw error
    const field = error.rule === 'no-revision' && !update ? 'revision' : 'model'
    return refuse(codeOfRule[error.rule], field, error.message, error.hint)
  }
}

/** Message and hint. */
function noName(text: string, hubUrl: string): [string, string] {
  const address = readAddress(text, new URL(hubUrl).host)
  if ('reason' in address) return [`${text} ${address.reason}`, 'write model: OWNER/NAME, as on the Hub']
  const { id, revision } = address
  const line = revision === undefined ? '' : ` and revision: the commit of ${revision}`
  return [`${text} is an address, not the name of a model`, `write model: ${id}${line}`]
}

/** Of a bundled model only the hash is read anew; its other facts were written when it was made. */
function lockBundled(
  { root, bundled }: Repository,
  { name, lock: known }: LoadedModel,
  folder: string,
  refuse: Refuse,
): Outcome {
  const sha256 = bundled.get(folder)
  if (sha256 === undefined)
    return refuse('BUNDLED_MISSING', 'model', `there is no folder ${folder}`, 'write it relative to the root')
  const facts = known?.value as (Lock & { sha256?: string }) | null | undefined
  // A folder that moved is the same model; another folder with other files is not.
  if (facts === undefined || facts === null || (facts.id !== folder && facts.sha256 !== sha256))
    return refuse(
      'LOCK_MISSING',
      'model',
      'a bundled model’s first lock is written by hand',
      'start from apps/models/tiny-stories.lock.json',
    )
  const path = `apps/models/${name}.lock.json`
  return {
    files: [{ path, before: readIfThere(root, path), text: lockText({ ...facts, id: folder, sha256 } as Lock) }],
  }
}

function readIfThere(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}
