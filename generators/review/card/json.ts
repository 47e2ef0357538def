// The review for scripts: the same object that every command prints with --json.
import { isError } from '../../diagnostics/diagnostic.ts'
import type { Review } from '../review.ts'

/** Money: US dollars a month; memory: GiB. Plans and trees are left out: they are inputs, not results. */
export function reviewFacts({
  models,
  capacity,
  bills,
  risks,
  objects,
  resources,
  unjudged,
  diagnostics,
  stale,
}: Review) {
  return {
    ok: !diagnostics.some(isError),
    diagnostics,
    summary: {
      models: models.length,
      objects: objects.reduce((sum, group) => sum + group.objects.length, 0),
      risks: risks.length,
      stale: stale.length,
    },
    result: {
      models: models.map(({ plan: _, ...row }) => row),
      capacity,
      clusters: bills,
      risks,
      objects: objects.map(({ verb, kind, fields, objects: all, causes }) => ({
        verb,
        kind,
        objects: all.map(({ cluster, app, kind: own, name }) => ({ cluster, app, kind: own, name })),
        fields: fields.map((field) => ({ ...field, causes: causes.get(field.path) ?? [] })),
        causes: causes.get('') ?? [],
      })),
      resources,
      unjudged,
      stale,
    },
  }
}
