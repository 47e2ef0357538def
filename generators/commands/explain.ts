// `npm run explain -- NAME [FIELD]`: which rendered lines a field of a model file reaches, and where derived numbers come
// from. Lines are found by changing the field and rendering again, so the answer is what synth does, not what a table says.

import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { engines } from '../engines/index.ts'
import { changeValue } from '../load/change-value.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { LoadedModel, Repository } from '../load/repository.ts'
import { planLoaded, renderPlan } from '../pipeline.ts'
import type { ClusterPlan, Derivation, ModelPlan } from '../plan/cluster-plan.ts'
import { contentPrefix } from '../schema/contract.ts'
import { fieldNames, leafPaths, schemaAt, variants } from './field-variants.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'show which rendered lines a model’s field reaches, and where derived numbers come from',
  usage: `npm run explain -- NAME [FIELD] [--cluster C]... [--json] [--root DIR]

  NAME           a model of apps/models
  FIELD          a field of its file (scaling.maxReplicas, clusters.prod.accelerator) or a derived number (startupSeconds);
                 without it: every field that is set, and every derived number
  --cluster C    one cluster (may be repeated)
  --json         print one JSON object on standard output`,
  run,
}

interface Line {
  file: string
  line: number
  text: string
}

interface Reach {
  field: string
  value: unknown
  lines: Line[]
  /** Other values that would be valid; 0: none was found, so nothing can be said. */
  tried: number
}

interface Numbers {
  cluster: string
  numbers: Record<string, Derivation>
  unverified: string[]
}

/** The model in one cluster: variants are tried cluster by cluster, since a value may be valid in one only. */
interface Scene {
  cluster: string
  repository: Repository
  plan: ClusterPlan
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, { cluster: { type: 'string', multiple: true, default: [] } })
  const [name, field, ...rest] = positionals
  if (name === undefined || rest.length > 0) throw new UsageError('give the name of one model, and at most one field')
  const loaded = loadRepository(readRoot(values.root), { models: [name], clusters: values.cluster })
  const { plans, diagnostics } = planLoaded(loaded.repository)
  const problems = [...loaded.diagnostics, ...diagnostics].filter(isError)
  const model = loaded.repository.models.find((one) => one.name === name)
  if (problems.length > 0 || model === undefined) {
    printDiagnostics(sortDiagnostics(problems), output)
    return 1
  }
  const scenes = plans.filter(({ models }) => models.length > 0).map((plan) => sceneOf(loaded.repository, plan))
  const numbers = plans.flatMap((plan) => numbersOf(plan, name))
  const wanted = select(field, model, numbers)
  const reaches = wanted.fields.map((path) => reach(scenes, model, path))
  const result = { model: name, fields: reaches, derived: numbers.map((one) => pick(one, wanted.numbers)) }
  if (values.json) output.out(jsonReport({ ok: true, diagnostics: [], summary: {}, result }))
  else print(result, field !== undefined, output)
  return 0
}

/** The other clusters keep their names, which references are checked against, and lose their files. */
function sceneOf(repository: Repository, plan: ClusterPlan): Scene {
  const cluster = plan.cluster.name
  const clusters = repository.clusters.map((one) =>
    one.name === cluster ? one : { name: one.name, file: undefined, infra: undefined },
  )
  return { cluster, plan, repository: { ...repository, clusters } }
}

function numbersOf(plan: ClusterPlan, name: string): Numbers[] {
  const model = plan.models.find((one: ModelPlan) => one.name === name)
  return model === undefined
    ? []
    : [{ cluster: plan.cluster.name, numbers: model.derivations(), unverified: model.lock.unverified }]
}

/** Which fields and which derived numbers were asked for; a name that is neither is refused with the nearest one. */
function select(field: string | undefined, model: LoadedModel, numbers: readonly Numbers[]) {
  const derived = [...new Set(numbers.flatMap((one) => Object.keys(one.numbers)))]
  if (field === undefined) {
    const shown = numbers.map(({ cluster }) => cluster)
    const fields = leafPaths(model.file.value).filter(
      ([first, cluster = '']) => first !== 'clusters' || shown.includes(cluster),
    )
    return { fields, numbers: derived }
  }
  if (derived.includes(field)) return { fields: [], numbers: [field] }
  const path = field.split('.')
  if (schemaAt(path) === undefined) {
    const parent = schemaAt(path.slice(0, -1))
    const prefix = path
      .slice(0, -1)
      .map((part) => `${part}.`)
      .join('')
    const known = [...fieldNames(parent ?? {}).map((name) => prefix + name), ...derived]
    const near = nearest(field, known)
    throw new UsageError(`a model file has no field "${field}"${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  return { fields: [path], numbers: [] }
}

const pick = (one: Numbers, names: readonly string[]): Numbers => ({
  ...one,
  numbers: Object.fromEntries(Object.entries(one.numbers).filter(([name]) => names.includes(name))),
})

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  )

/**
 * Tries other values; the lines that differ are the answer. Of several values that render without an error the one that
 * changes least is taken: another may also switch something on or off.
 */
function reach(scenes: readonly Scene[], model: LoadedModel, path: readonly string[]): Reach {
  const [first, cluster] = path
  const concerned = first === 'clusters' ? scenes.filter((scene) => scene.cluster === cluster) : scenes
  const found = concerned.map((scene) => reachInCluster(scene, model, path))
  return {
    field: path.join('.'),
    value: valueAt(model.file.value, path),
    lines: found.flatMap(({ lines }) => lines),
    tried: found.reduce((sum, { tried }) => sum + tried, 0),
  }
}

function reachInCluster(
  { repository, plan }: Scene,
  model: LoadedModel,
  path: readonly string[],
): Pick<Reach, 'lines' | 'tried'> {
  const node = schemaAt(path)
  const before = linesOf([plan], model.name)
  const candidates = node === undefined ? [] : variants(node, valueAt(model.file.value, path))
  const answers = candidates.flatMap((variant) => {
    const changed = planLoaded(changeModel(repository, model, path, variant))
    if (changed.diagnostics.some(isError)) return []
    const after = new Set(linesOf(changed.plans, model.name).map(keyOf))
    return [before.filter((line) => !after.has(keyOf(line)) && !isContentMark(line))]
  })
  const reached = answers.filter((lines) => lines.length > 0).sort((a, b) => a.length - b.length)[0]
  return { lines: reached ?? [], tried: answers.length }
}

/** Every field of a model reaches the hash of its folder; that says nothing. */
const isContentMark = ({ file, text }: Line): boolean =>
  file.includes('/rendered/argocd/application-') && text.trim().startsWith(`name: ${contentPrefix}`)

const keyOf = ({ file, text }: Line): string => `${file}\n${text}`

const linesOf = (plans: readonly ClusterPlan[], name: string): Line[] =>
  plans.flatMap((plan) =>
    renderPlan(plan, { models: [name], clusters: [] }).files.flatMap(({ path, text }) =>
      text.split('\n').map((line, index) => ({ file: path, line: index + 1, text: line })),
    ),
  )

/** Other fields follow where validation would otherwise only say that they no longer fit. */
function changeModel(repository: Repository, model: LoadedModel, path: readonly string[], value: unknown): Repository {
  const field = path.at(-1) ?? ''
  const lockField = { model: 'id', revision: 'revision' }[field]
  const { lock, file } = model
  const isEngine = field === 'engine' || (field === 'name' && path.at(-2) === 'engine')
  const changedFile = isEngine ? withEngine(file.value, path, String(value)) : changeValue(file.value, path, value)
  const changed: LoadedModel = {
    ...model,
    file: { ...file, value: changedFile },
    lock:
      lock === undefined || lockField === undefined
        ? lock
        : { ...lock, value: changeValue(lock.value, [lockField], value) },
  }
  return { ...repository, models: repository.models.map((one) => (one === model ? changed : one)) }
}

/** Another engine has other options, and may not know the accelerator. */
function withEngine(value: unknown, path: readonly string[], name: string): unknown {
  const at = path.at(-1) === 'name' ? path.slice(0, -1) : path
  const changed = changeValue(value, at, name)
  const needs = engines.find((engine) => engine.name === name)?.accelerator
  const parent = at.slice(0, -1)
  return needs === 'none' && valueAt(changed, [...parent, 'accelerator']) !== undefined
    ? changeValue(changed, [...parent, 'accelerator'], parent.length === 0 ? undefined : null)
    : changed
}

function sentence(lines: number, tried: number): string {
  if (lines > 0) return `reaches ${lines} rendered line${lines === 1 ? '' : 's'}`
  return tried > 0 ? 'reaches no rendered line' : 'no other value of this field alone is valid here'
}

function print(result: { fields: Reach[]; derived: Numbers[] }, whole: boolean, output: Output): void {
  for (const { field, value, lines, tried } of result.fields) {
    const shown = value === undefined ? 'not set' : JSON.stringify(value)
    output.out(`${field}: ${shown}\n    ${sentence(lines.length, tried)}\n`)
    for (const line of whole ? lines : []) output.out(`  ${line.file}:${line.line}  ${line.text.trim()}\n`)
  }
  for (const { cluster, numbers, unverified } of result.derived) {
    if (Object.keys(numbers).length === 0) continue
    output.out(`\nderived in ${cluster}\n`)
    for (const [name, { value, because, assumptions }] of Object.entries(numbers)) {
      output.out(`  ${name} ${assumptions.length > 0 ? '≈' : '='} ${value}\n      ${because}\n`)
      if (assumptions.length > 0) output.out(`      assumed: ${assumptions.join(', ')}\n`)
    }
    if (unverified.length > 0) output.out(`  lock fields not read from the Hub: ${unverified.join(', ')}\n`)
  }
}
