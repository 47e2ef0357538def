// `npm run lock`: reads the facts about models from the Hub and writes them beside the model files. With `new` the only command
// that uses the network.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Position } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { describeModel, type Hub } from '../hub/describe-model.ts'
import { HubProblem } from '../hub/hub-problem.ts'
import { lockText } from '../hub/lock-text.ts'
import { hashFolder } from '../load/hash-folder.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { LoadedModel } from '../load/repository.ts'
import type { Lock } from '../schema/lock.ts'
import { writeTree } from '../write/write-tree.ts'
import { readArguments, readRoot } from './arguments.ts'
import { type Command, type Console, type ExitCode, UsageError } from './command.ts'
import { readHub } from './hub-settings.ts'
import { terminalProgress } from './progress.ts'
import { withRevision } from './revision-edit.ts'

export const lock: Command = {
  name: 'lock',
  summary: 'read facts about models from the Hugging Face Hub and write their locks',
  usage: `npm run lock -- [NAME]... [--all] [--update] [--json] [--root DIR]

  NAME       a model of apps/models (may be repeated)
  --all      every model of apps/models
  --update   take the newest commit of the branch main, and write it as revision
             into the model file
  --json     print one JSON object on standard output

  HF_TOKEN     a user access token, for gated and private models
  HF_ENDPOINT  another Hub (default: https://huggingface.co)

  exit code 1: a model was refused, the others are written; 2: no network`,
  run,
}

/** Files that one model's lock changes, or why there is none. */
type Outcome =
  | { name: string; files: { path: string; before: string; text: string }[] }
  | { name: string; problem: Problem }

interface Problem {
  rule: HubProblem['rule'] | 'file'
  position: Position
  message: string
  hint: string
}

/** Models at the same time: the Hub counts requests. */
const together = 4

async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, {
    all: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  })
  if (values.all === positionals.length > 0)
    throw new UsageError(values.all ? 'give names or --all, not both' : 'give the name of a model, or --all')
  const root = readRoot(values.root)
  const { repository } = loadRepository(root, { models: [], clusters: [] })
  const names = repository.models.map(({ name }) => name)
  for (const name of positionals)
    if (!names.includes(name))
      throw new UsageError(`apps/models has no ${name}.yaml; ${didYouMean(name, names)}there are: ${names.join(', ')}`)
  const wanted = repository.models.filter(({ name }) => values.all || positionals.includes(name))
  const hub = readHub(process.env)
  const progress = terminalProgress(console)
  let done = 0
  const outcomes = await inTurns(wanted, async (model) => {
    const outcome = await lockModel(root, hub, model, values.update)
    done += 1
    progress.report('lock', done, wanted.length)
    return outcome
  })
  progress.clear()
  const changed = outcomes.flatMap((one) =>
    'files' in one ? one.files.filter(({ before, text }) => before !== text) : [],
  )
  writeTree(
    root,
    {
      changed: changed.map(({ path, text, before }) => ({ file: { path, text }, before })),
      stale: [],
      unchanged: 0,
      diagnostics: [],
    },
    () => {},
  )
  return report(
    outcomes,
    changed.map(({ path }) => path),
    values.json,
    console,
  )
}

async function inTurns<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  let next = 0
  const turn = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as In)
  }
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, turn))
  return results
}

async function lockModel(root: string, hub: Hub, model: LoadedModel, update: boolean): Promise<Outcome> {
  const { name, file } = model
  const path = `apps/models/${name}.lock.json`
  const value = (typeof file.value === 'object' && file.value !== null ? file.value : {}) as Record<string, unknown>
  const refuse = (rule: Problem['rule'], field: string, message: string, hint: string): Outcome => ({
    name,
    problem: { rule, position: file.position([field]), message, hint },
  })
  if (typeof value.model !== 'string') return refuse('file', 'model', 'no model is named', 'write model: OWNER/NAME')
  if (value.model.startsWith('./')) return lockBundled(root, model, value.model, refuse)
  if (!update && typeof value.revision !== 'string')
    return refuse('file', 'model', 'the file has no revision', `npm run lock -- ${name} --update writes the newest one`)
  try {
    const facts = await describeModel(hub, value.model, update ? 'main' : String(value.revision))
    const files = [{ path, before: readIfThere(root, path), text: lockText(facts) }]
    if (update && 'revision' in facts) {
      const before = readIfThere(root, file.path)
      files.push({ path: file.path, before, text: withRevision(before, facts.revision) })
    }
    return { name, files }
  } catch (error) {
    if (!(error instanceof HubProblem)) throw error
    return refuse(error.rule, 'model', error.message, error.hint)
  }
}

/** Of a bundled model only the hash is read anew; its other facts were written when it was made. */
function lockBundled(
  root: string,
  { name, lock: known }: LoadedModel,
  folder: string,
  refuse: (rule: Problem['rule'], field: string, message: string, hint: string) => Outcome,
): Outcome {
  const sha256 = hashFolder(join(root, folder))
  if (sha256 === undefined)
    return refuse('file', 'model', `there is no folder ${folder}`, 'write it relative to the root')
  if (known === undefined)
    return refuse(
      'file',
      'model',
      'a bundled model’s first lock is written by hand',
      'start from apps/models/tiny-stories.lock.json',
    )
  const path = `apps/models/${name}.lock.json`
  const facts = { ...(known.value as Lock), sha256 } as Lock
  return { name, files: [{ path, before: readIfThere(root, path), text: lockText(facts) }] }
}

function readIfThere(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}

function report(outcomes: readonly Outcome[], changed: readonly string[], json: boolean, console: Console): ExitCode {
  const problems = outcomes.flatMap((one) => ('problem' in one ? [one.problem] : []))
  const unreachable = problems.filter(({ rule }) => rule === 'unreachable')
  if (json) {
    const summary = { models: outcomes.length, refused: problems.length, written: changed.length }
    console.out(
      `${JSON.stringify({ version: 1, ok: problems.length === 0, diagnostics: problems, summary, result: { changed } })}\n`,
    )
  } else {
    // Without a network every model says the same.
    for (const { position, message, hint } of unreachable.length > 0 ? unreachable.slice(0, 1) : problems)
      console.log(`${position.file}:${position.line}:${position.column} ${message} -> ${hint}\n`)
    for (const path of changed) console.out(`written: ${path}\n`)
    if (problems.length === 0)
      console.out(`${outcomes.length} of ${outcomes.length} locked, ${changed.length} files changed\n`)
    if (changed.length > 0) console.out('Run `npm run synth` and commit both.\n')
  }
  return unreachable.length > 0 ? 2 : problems.length > 0 ? 1 : 0
}
