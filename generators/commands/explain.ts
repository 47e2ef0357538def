// `npm run explain -- NAME [FIELD]`: which rendered lines a field of a model file reaches, and where derived numbers come
// from. Lines are found by changing the field and rendering again, so the answer is what synth does, not what a table says.
import { isError } from '../diagnostics/diagnostic.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { LoadedModel, Repository } from '../load/repository.ts'
import { planLoaded, renderPlan } from '../pipeline.ts'
import type { ClusterPlan, Derivation, ModelPlan } from '../plan/cluster-plan.ts'
import { readArguments, readRoot } from './arguments.ts'
import { type Command, type Console, type ExitCode, UsageError } from './command.ts'
import { fieldNames, leafPaths, schemaAt, variants } from './field-variants.ts'
import { printDiagnostics } from './print-diagnostics.ts'

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
}

interface Numbers {
  cluster: string
  numbers: Record<string, Derivation>
  unverified: string[]
}

function run(args: readonly string[], console: Console): ExitCode {
  const { values, positionals } = readArguments(args, { cluster: { type: 'string', multiple: true, default: [] } })
  const [name, field, ...rest] = positionals
  if (name === undefined || rest.length > 0) throw new UsageError('give the name of one model, and at most one field')
  const loaded = loadRepository(readRoot(values.root), { models: [name], clusters: values.cluster })
  const { plans, diagnostics } = planLoaded(loaded.repository)
  const problems = [...loaded.diagnostics, ...diagnostics].filter(isError)
  const model = loaded.repository.models.find((one) => one.name === name)
  if (problems.length > 0 || model === undefined) {
    printDiagnostics(problems, console)
    return 1
  }
  const numbers = plans.flatMap((plan) => numbersOf(plan, name))
  const wanted = select(field, model, numbers)
  const reaches = wanted.fields.map((path) => reach(loaded.repository, model, path, plans))
  const result = { model: name, fields: reaches, derived: numbers.map((one) => pick(one, wanted.numbers)) }
  if (values.json) console.out(`${JSON.stringify({ version: 1, ok: true, diagnostics: [], summary: {}, result })}\n`)
  else print(result, field !== undefined, console)
  return 0
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
  if (field === undefined) return { fields: leafPaths(model.file.value), numbers: derived }
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

function withValue(value: unknown, path: readonly string[], item: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return item
  const object = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return { ...object, [key]: withValue(object[key], rest, item) }
}

/** Tries other values until one renders something else without an error; the lines that differ are the answer. */
function reach(
  repository: Repository,
  model: LoadedModel,
  path: readonly string[],
  plans: readonly ClusterPlan[],
): Reach {
  const node = schemaAt(path)
  const value = valueAt(model.file.value, path)
  const before = linesOf(plans, model.name)
  for (const variant of node === undefined ? [] : variants(node, value)) {
    const changed = planLoaded(changeModel(repository, model, path, variant))
    if (changed.plans.every(({ models }) => models.length === 0)) continue
    const after = new Set(linesOf(changed.plans, model.name).map(keyOf))
    const lines = before.filter((line) => !after.has(keyOf(line)))
    if (lines.length > 0) return { field: path.join('.'), value, lines }
  }
  return { field: path.join('.'), value, lines: [] }
}

const keyOf = ({ file, text }: Line): string => `${file}\n${text}`

const linesOf = (plans: readonly ClusterPlan[], name: string): Line[] =>
  plans.flatMap((plan) =>
    renderPlan(plan, { models: [name], clusters: [] }).files.flatMap(({ path, text }) =>
      text.split('\n').map((line, index) => ({ file: path, line: index + 1, text: line })),
    ),
  )

/** The lock follows a changed id or revision, or validation would only say that it is stale. */
function changeModel(repository: Repository, model: LoadedModel, path: readonly string[], value: unknown): Repository {
  const lockField = { model: 'id', revision: 'revision' }[path.at(-1) ?? '']
  const { lock } = model
  const changed: LoadedModel = {
    ...model,
    file: { ...model.file, value: withValue(model.file.value, path, value) },
    lock:
      lock === undefined || lockField === undefined
        ? lock
        : { ...lock, value: withValue(lock.value, [lockField], value) },
  }
  return { ...repository, models: repository.models.map((one) => (one === model ? changed : one)) }
}

function print(result: { fields: Reach[]; derived: Numbers[] }, whole: boolean, console: Console): void {
  for (const { field, value, lines } of result.fields) {
    const shown = value === undefined ? 'not set' : JSON.stringify(value)
    console.out(
      `${field}: ${shown}, ${lines.length === 0 ? 'reaches no rendered line by itself' : `reaches ${lines.length} lines`}\n`,
    )
    for (const line of whole ? lines : []) console.out(`  ${line.file}:${line.line}  ${line.text.trim()}\n`)
  }
  for (const { cluster, numbers, unverified } of result.derived) {
    if (Object.keys(numbers).length === 0) continue
    console.out(`\nderived in ${cluster}\n`)
    for (const [name, { value, because, assumptions }] of Object.entries(numbers)) {
      console.out(`  ${name} ${assumptions.length > 0 ? '≈' : '='} ${value}\n      ${because}\n`)
      if (assumptions.length > 0) console.out(`      assumed: ${assumptions.join(', ')}\n`)
    }
    if (unverified.length > 0) console.out(`  lock fields not read from the Hub: ${unverified.join(', ')}\n`)
  }
}
