// The text of a new model file, and what synth would say of it, before anything is written.
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { lockText } from '../hub/lock-text.ts'
import { parseJson, parseYaml } from '../load/parse-source.ts'
import type { Repository } from '../load/repository.ts'
import { planLoaded } from '../pipeline.ts'
import { makeSide, type Side } from '../review/side.ts'
import type { Lock } from '../schema/lock.ts'
import { modelFileSchema } from '../schema/model.ts'

export interface ModelDraft {
  name: string
  engine: string
  /** Only when the Hub calls it something else. */
  task?: string
  /** Tokens; only for engines that have the option. */
  maxModelLen?: number
  gpu?: { type: string; count: number }
  replicas: { min: number; max: number }
  clusters: readonly string[]
}

export function modelText({ engine, task, maxModelLen, gpu, replicas, clusters }: ModelDraft, lock: Lock): string {
  const { min, max } = replicas
  const scaling = [`minReplicas: ${min}`, `maxReplicas: ${max}`, ...(min === 0 ? ['idleAfter: 30m'] : [])]
  const lines = [
    '# yaml-language-server: $schema=../../schemas/model.schema.json',
    `model: ${lock.id}`,
    ...('revision' in lock ? [`revision: ${lock.revision}`] : []),
    maxModelLen === undefined ? `engine: ${engine}` : `engine: { name: ${engine}, maxModelLen: ${maxModelLen} }`,
    ...(task === undefined ? [] : [`task: ${task}`]),
    ...(gpu === undefined
      ? []
      : [gpu.count === 1 ? `accelerator: ${gpu.type}` : `accelerator: { type: ${gpu.type}, count: ${gpu.count} }`]),
    `scaling: { ${scaling.join(', ')} }`,
    'clusters:',
    ...clusters.map((cluster) => `  ${cluster}: {}`),
  ]
  return `${lines.join('\n')}\n`
}

export interface Drafted {
  side: Side
  files: { path: string; text: string }[]
  diagnostics: Diagnostic[]
}

/** The repository with the draft in it. A revision of only digits and an `e` would be a number, so YAML has the last word. */
export function withDraft(repository: Repository, draft: ModelDraft, lock: Lock): Drafted {
  const files = [
    { path: `apps/models/${draft.name}.yaml`, text: modelText(draft, lock) },
    { path: `apps/models/${draft.name}.lock.json`, text: lockText(lock) },
  ]
  const [model, lockFile] = files.map(({ path, text }) =>
    path.endsWith('.json') ? parseJson(path, text) : parseYaml(path, text, modelFileSchema),
  )
  if (model?.file === undefined || lockFile === undefined)
    throw new Error(`a draft that is no YAML: ${JSON.stringify(model?.diagnostics)}`)
  const added = { name: draft.name, file: model.file, lock: lockFile.file }
  const changed = { ...repository, models: [...repository.models, added].sort((a, b) => (a.name < b.name ? -1 : 1)) }
  const { plans, diagnostics } = planLoaded(changed)
  const own = diagnostics.filter(({ position }) => position.file.startsWith(`apps/models/${draft.name}.`))
  return {
    side: makeSide(changed, plans, sortDiagnostics(diagnostics)),
    files,
    diagnostics: sortDiagnostics(own).filter(isError),
  }
}
