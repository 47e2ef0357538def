// What a model is in one cluster: base fields with the cluster's patch, short forms written out, defaults filled in.

import { taskOfTag } from '../schema/hub-tag.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelFile, ModelSettings } from '../schema/model.ts'
import { modelDefaults } from '../schema/model-defaults.ts'
import type { Slo } from '../schema/slo.ts'
import type { Smoke } from '../schema/smoke.ts'
import type { Task } from '../schema/tasks.ts'
import { mergePatch } from './merge-patch.ts'

type Json = Record<string, unknown>

/** Short forms become objects, so that a patch can change one option. */
const longForms = (fields: Json): Json => ({
  ...fields,
  ...(typeof fields.engine === 'string' ? { engine: { name: fields.engine } } : {}),
  ...(typeof fields.accelerator === 'string' ? { accelerator: { type: fields.accelerator } } : {}),
})

/** A short string in a patch replaces the whole object: `engine: vllm` takes no option of another engine along. */
function patched(file: ModelFile, cluster: string | undefined): Json {
  const { clusters, ...base } = file
  const patch = ((cluster !== undefined && Object.hasOwn(clusters, cluster) && clusters[cluster]) || {}) as Json
  const target = longForms(base)
  for (const field of ['engine', 'accelerator']) if (typeof patch[field] === 'string') delete target[field]
  return mergePatch(target, longForms(patch)) as Json
}

const seconds = (text: string): number =>
  Number.parseInt(text, 10) * ({ s: 1, m: 60, h: 3600 }[text.at(-1) ?? 's'] ?? 1)

const latencySeconds = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : text.endsWith('ms') ? Number.parseFloat(text) / 1000 : Number.parseFloat(text)

const objectives = ({ firstToken, interToken, availability }: NonNullable<ModelFile['slo']> = {}): Slo => ({
  firstTokenSeconds: latencySeconds(firstToken?.p95),
  interTokenSeconds: latencySeconds(interToken?.p95),
  availability,
})

const smokeOf = ({ firstToken, ...smoke }: NonNullable<ModelFile['smoke']> = {}): Smoke => ({
  ...smoke,
  firstTokenSeconds: latencySeconds(firstToken),
})

/** Fields that may be missing after the merge; what must be there is checked by the rules. */
export type Draft = Omit<ModelSettings, 'engine' | 'task' | 'accelerator' | 'weights'> & {
  weights?: ModelFile['weights']
  engine: Partial<ModelSettings['engine']>
  task: Task | undefined
  accelerator?: Partial<NonNullable<ModelSettings['accelerator']>>
}

/** @param cluster undefined: the base fields alone */
export function draftSettings(file: ModelFile, cluster: string | undefined, lock: Lock): Draft {
  const merged = patched(file, cluster) as Partial<Omit<ModelFile, 'clusters'>>
  const { scaling = {}, accelerator, engine } = merged
  const minReplicas = scaling.minReplicas ?? modelDefaults.scaling.minReplicas
  const { idleAfter, target } = scaling
  const { firstToken } = merged.timeouts ?? {}
  return {
    model: file.model,
    revision: merged.revision,
    bundled: file.model.startsWith('./'),
    engine: (engine as Draft['engine'] | undefined) ?? {},
    accelerator:
      accelerator === undefined || typeof accelerator === 'string'
        ? undefined
        : {
            type: accelerator.type,
            count: accelerator.count ?? modelDefaults.accelerator.count,
            capacity: accelerator.capacity ?? [...modelDefaults.accelerator.capacity],
          },
    scaling: {
      minReplicas,
      maxReplicas: scaling.maxReplicas ?? Math.max(1, minReplicas),
      target,
      idleAfterSeconds: idleAfter === undefined ? undefined : seconds(idleAfter),
      schedule: scaling.schedule ?? [],
    },
    task: merged.task ?? taskOfTag(lock.pipelineTag),
    aliases: merged.aliases ?? [],
    description: merged.description,
    tenants: merged.access?.tenants,
    resources: merged.resources ?? {},
    env: merged.env ?? {},
    slo: objectives(merged.slo),
    smoke: smokeOf(merged.smoke),
    timeouts: { firstTokenSeconds: firstToken === undefined ? undefined : seconds(firstToken) },
    budget: merged.budget,
    weights: merged.weights,
  }
}
