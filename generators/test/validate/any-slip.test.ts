// Any value of any source file replaced by a slip: synth renders it or says what is wrong, and never throws. `SEED=n npm test --
// any-slip` draws other places for the large ones.
import fc from 'fast-check'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { type Diagnostic, isError } from '../../diagnostics/diagnostic.ts'
import { formatAnnotation, formatLine, sortDiagnostics } from '../../diagnostics/report.ts'
import { loadRepository } from '../../load/load-repository.ts'
import { parseJson, parseYaml } from '../../load/parse-source.ts'
import type { Repository } from '../../load/repository.ts'
import type { SourceFile } from '../../load/source-file.ts'
import { everything, planLoaded, renderPlan } from '../../pipeline.ts'
import { repositoryRoot } from '../fixture.ts'
import { allPlaces, commonSlips, largeSlips, oddSlips, type Place, placesByForm, type Slip, slipped } from '../slips.ts'

const seed = Number(process.env.SEED ?? 11)
/** Of this process's own time: far more than any file needs, far less than a quadratic step takes. */
const mostMs = 5000

const committed = loadRepository(repositoryRoot, everything).repository

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

function check(place: Place, slip: Slip): void {
  const text = slipped(place, slip)
  if (text === undefined) return
  const where = `${slip.name} at ${place.path} ${place.pointer.join('.')} (SEED=${seed})`
  const started = process.cpuUsage()
  try {
    const { diagnostics, texts } = synthOf(place, text)
    checkDiagnostics(diagnostics)
    assert.ok(
      diagnostics.some(isError) || texts.length > 0 || place.kind.name === 'model',
      'neither a diagnostic nor a file',
    )
    for (const one of texts) {
      assert.ok(one.isWellFormed(), one)
      if (/addon|cluster/.test(place.kind.name) && one.includes('kind: Application')) parse(one, { version: '1.1' })
    }
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error })
  }
  const { user, system } = process.cpuUsage(started)
  const took = (user + system) / 1000
  assert.ok(took < mostMs, `${where} took ${took} ms`)
}

const places = allPlaces()
const forms = placesByForm(places)
const minutes = { timeoutSeconds: 240 }

describe('a slip in any source file', (test) => {
  test(
    `is a diagnostic or harmless: ${commonSlips.map(({ name }) => name).join('; ')}, at each of ${places.length} values`,
    () => {
      assert.ok(places.length > 900)
      for (const place of places) for (const slip of commonSlips) check(place, slip)
    },
    minutes,
  )

  test(
    `is one too when it is odd, at each of ${forms.length} forms of values`,
    () => {
      for (const place of forms) for (const slip of oddSlips) check(place, slip)
    },
    minutes,
  )

  test(
    `and takes no longer than ${mostMs} ms when it is large (SEED=${seed})`,
    () => {
      const pairs = forms.flatMap((place) => largeSlips.map((slip) => () => check(place, slip)))
      fc.assert(
        fc.property(fc.nat(pairs.length - 1), (index) => pairs[index]?.()),
        { seed, numRuns: 40 },
      )
    },
    minutes,
  )
})
