// Whether synth takes a slip in a source file as it should: files, or a diagnostic with a place and a hint, and soon.
import { parse } from 'yaml'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert } from '../../../test/spec.ts'
import { type Diagnostic, isError } from '../../diagnostics/diagnostic.ts'
import { formatAnnotation, formatLine, sortDiagnostics } from '../../diagnostics/report.ts'
import { loadRepository } from '../../load/load-repository.ts'
import { parseJson, parseYaml } from '../../load/parse-source.ts'
import type { Repository } from '../../load/repository.ts'
import type { SourceFile } from '../../load/source-file.ts'
import { everything, planLoaded, renderPlan } from '../../pipeline.ts'
import { type Place, type Slip, slipped } from '../slips.ts'

/** Of this process's own time: three times what the largest file needs, far less than a quadratic step takes. */
export const mostMs = 2000

const committed = loadRepository(sampleRoot, everything).repository

/** The file in place of the committed one, beside as few others as it needs: two thousand trees of all models take minutes. */
function repositoryWith(file: SourceFile): Repository {
  const put = <F extends SourceFile | undefined>(one: F): F => (one?.path === file.path ? (file as F) : one)
  const name = /^apps\/(?:models|addons)\/([^.]+)\./.exec(file.path)?.[1]
  const some = <Item extends { name: string }>(items: readonly Item[]): Item[] => {
    const own = items.filter((one) => one.name === name)
    return own.length > 0 ? own : items.filter((one) => ['gpt2', 'keda'].includes(one.name))
  }
  return {
    ...committed,
    models: some(committed.models).map((one) => ({ ...one, file: put(one.file), lock: put(one.lock) })),
    tenants: committed.tenants.map((one) => ({ ...one, file: put(one.file) })),
    addons: some(committed.addons).map((one) => ({ ...one, file: put(one.file) })),
    gateway: put(committed.gateway),
    images: put(committed.images),
    clusters: committed.clusters.map((one) => ({ ...one, file: put(one.file), infra: put(one.infra) })),
    // Tenants name models that are left out here.
    only: { models: ['gpt2'], clusters: [] },
  }
}

function synthOf({ path, kind }: Place, text: string): { diagnostics: Diagnostic[]; texts: string[] } {
  const { file, diagnostics } = path.endsWith('.json') ? parseJson(path, text) : parseYaml(path, text, kind.schema)
  if (file === undefined) return { diagnostics, texts: [] }
  const planned = planLoaded(repositoryWith(file))
  if (planned.diagnostics.some(isError)) return { diagnostics: planned.diagnostics, texts: [] }
  // Of what a model's file says no other folder knows but its Application.
  const models = /^apps\/models\/([^.]+)/.exec(path)?.slice(1) ?? []
  const rendered = planned.plans.map((plan) => renderPlan(plan, { models, clusters: [] }))
  return {
    diagnostics: [...planned.diagnostics, ...rendered.flatMap((one) => one.diagnostics)],
    texts: rendered.flatMap(({ files }) => files.map((one) => one.text)),
  }
}

const hidden = /[\p{Cc}\u200b\u202e\p{Cs}]/u

function checkDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const one of sortDiagnostics(diagnostics)) {
    const { line, column } = one.position
    assert.ok(line >= 1 && column >= 1 && one.message.length > 5 && one.hint.length > 3, JSON.stringify(one))
    for (const text of [formatLine(one), formatAnnotation(one)]) assert.not.match(text, hidden)
  }
}

/** Throws when it does not, and says for which slip. */
export function check(place: Place, slip: Slip): void {
  const text = slipped(place, slip)
  if (text === undefined) return
  const where = `${slip.name} at ${place.path} ${place.pointer.join('.')}`
  try {
    const started = process.cpuUsage()
    const { diagnostics, texts } = synthOf(place, text)
    const { user, system } = process.cpuUsage(started)
    const took = (user + system) / 1000
    assert.ok(took < mostMs, `took ${took} ms`)
    checkDiagnostics(diagnostics)
    assert.ok(
      diagnostics.some(isError) || texts.length > 0 || place.kind.name === 'model',
      'neither a diagnostic nor a file',
    )
    for (const one of texts) {
      assert.ok(one.isWellFormed(), one)
      // As Argo CD reads it; a large text takes seconds, and says the same of one more key.
      const isApplication = /addon|cluster/.test(place.kind.name) && one.includes('kind: Application')
      if (isApplication && one.length < 50_000) parse(one, { version: '1.1' })
    }
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error })
  }
}
