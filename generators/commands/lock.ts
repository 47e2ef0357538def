// `npm run lock`: reads the facts about models from the Hub and writes them beside the model files. With `new` the only command
// that uses the network.

import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { terminalProgress } from '../command-line/progress.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { formatLine, sortDiagnostics } from '../diagnostics/report.ts'
import { loadRepository } from '../load/load-repository.ts'
import { writeTree } from '../write/write-tree.ts'
import { readHub } from './hub-settings.ts'
import { lockModel, type Outcome } from './lock-model.ts'
import { migrateModel } from './migrate-model.ts'

export const lock: Command = {
  name: 'lock',
  summary: 'read facts about models from the Hugging Face Hub and write their locks',
  usage: `npm run lock -- [NAME]... [--all] [--update | --migrate] [--json] [--root DIR]

  NAME       a model of apps/models (may be repeated)
  --all      every model of apps/models
  --update   take the newest commit of the branch main, and write it as revision
             into the model file
  --migrate  without the network: locks of an older form are written in today's,
             where what they say is enough
  --json     print one JSON object on standard output

  HF_TOKEN     a user access token, for gated and private models
  HF_ENDPOINT  another Hub (default: https://huggingface.co)
  AWS_REGION   of the bucket of a model: s3://BUCKET/FOLDER; each file is read

  exit code 1: a model was refused, the others are written; 2: no network`,
  run,
}

/** Models at the same time: the Hub counts requests. */
const together = 4

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, {
    all: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    migrate: { type: 'boolean', default: false },
  })
  if (values.update && values.migrate) throw new UsageError('give --update or --migrate, not both')
  if (values.all === positionals.length > 0)
    throw new UsageError(values.all ? 'give names or --all, not both' : 'give the name of a model, or --all')
  const root = readRoot(values.root)
  const { repository, diagnostics } = loadRepository(root, { models: [], clusters: [] })
  const broken = [...repository.broken].flatMap((path) => /^apps\/models\/(.+)\.yaml$/.exec(path)?.[1] ?? [])
  const names = [...repository.models.map(({ name }) => name), ...broken].sort()
  for (const name of positionals)
    if (!names.includes(name))
      throw new UsageError(`apps/models has no ${name}.yaml; ${didYouMean(name, names)}there are: ${names.join(', ')}`)
  const isWanted = (name: string): boolean => values.all || positionals.includes(name)
  const wanted = repository.models.filter(({ name }) => isWanted(name))
  const unreadable = broken.filter(isWanted).map((name): Outcome => {
    const path = `apps/models/${name}.yaml`
    return { problems: diagnostics.filter(({ position }) => position.file === path) }
  })
  const hub = readHub(process.env)
  const progress = terminalProgress(output)
  let done = 0
  const locked = await severalAtOnce(wanted, async (model) => {
    const outcome = values.migrate ? migrateModel(root, model) : await lockModel(repository, hub, model, values.update)
    done += 1
    progress.report('lock', done, wanted.length)
    return outcome
  })
  progress.clear()
  const outcomes = [...locked, ...unreadable]
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
    output,
  )
}

async function severalAtOnce<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  let next = 0
  const turn = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as In)
  }
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, turn))
  return results
}

function report(outcomes: readonly Outcome[], changed: readonly string[], json: boolean, output: Output): ExitCode {
  const refused = outcomes.filter((one) => 'problems' in one)
  const problems = sortDiagnostics(refused.flatMap((one) => one.problems))
  const unreachable = problems.filter(({ code }) => code === 'HUB_UNREACHABLE')
  if (json) {
    const summary = { models: outcomes.length, refused: refused.length, written: changed.length }
    output.out(jsonReport({ ok: problems.length === 0, diagnostics: problems, summary, result: { changed } }))
  } else {
    printDiagnostics(
      problems.filter((one) => !unreachable.includes(one)),
      output,
    )
    // Without a network every model says the same.
    for (const one of unreachable.slice(0, 1)) output.log(`${formatLine(one)}\n`)
    for (const path of changed) output.out(`written: ${path}\n`)
    if (problems.length === 0)
      output.out(`${outcomes.length} of ${outcomes.length} locked, ${changed.length} files changed\n`)
    if (changed.length > 0) output.out('Run `npm run synth` and commit both.\n')
  }
  return unreachable.length > 0 ? 2 : problems.length > 0 ? 1 : 0
}
