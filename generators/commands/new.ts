// `npm run new`: from a name on the Hub to a model file and its lock, with fit and cost shown before anything is chosen.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { oneOf } from '../command-line/answer-readers.ts'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { printDiagnostics, refuse } from '../command-line/print-diagnostics.ts'
import { openQuestions } from '../command-line/questions.ts'
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { engines } from '../engines/index.ts'
import { describeModel, type Hub } from '../hub/describe-model.ts'
import { HubProblem } from '../hub/hub-problem.ts'
import { type ModelAddress, readAddress } from '../hub/model-address.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { Repository } from '../load/repository.ts'
import { planLoaded } from '../pipeline.ts'
import { textCard } from '../review/card/text.ts'
import { review } from '../review/review.ts'
import { makeSide } from '../review/side.ts'
import { acceleratorKinds } from '../schema/accelerators.ts'
import { taskOfTag } from '../schema/hub-tag.ts'
import type { Lock } from '../schema/lock.ts'
import { type Task, tasks } from '../schema/tasks.ts'
import { writeTree } from '../write/write-tree.ts'
import { chooseAll, Undraftable } from './choose-draft.ts'
import { type Drafted, withDraft } from './draft-model.ts'
import { readHub } from './hub-settings.ts'

export const newModel: Command = {
  name: 'new',
  summary: 'add a model of the Hugging Face Hub: writes its model file and lock',
  usage: `npm run new -- MODEL_ID [--name NAME] [--cluster C]... [--engine E]
               [--context TOKENS] [--gpu KIND[:COUNT]] [--min N] [--max N]
               [--revision REV] [--task T] [--root DIR]

  MODEL_ID         OWNER/NAME on the Hub, OWNER/NAME@REV, or an address of its pages
  --name NAME      file name, and the model that clients send
  --cluster C      where it runs (may be repeated; default: the first)
  --engine E       ${engines.map(({ name }) => name).join(', ')}; default: by the model's task
  --context N      longest prompt plus answer, in tokens
  --gpu KIND[:N]   ${acceleratorKinds.slice(0, 4).join(', ')}, …; N per replica; none for CPU
  --min N, --max N replicas; 0 starts on the first request
  --revision REV   commit, branch or tag (default: main)
  --task T         what it shall do, where the Hub calls it something else:
                   ${tasks.join(', ')}

  On a terminal whatever no option says is asked; Enter takes the default.
  HF_TOKEN         a user access token, for gated and private models`,
  run,
}

const options = {
  name: { type: 'string' },
  cluster: { type: 'string', multiple: true, default: [] as string[] },
  engine: { type: 'string' },
  context: { type: 'string' },
  gpu: { type: 'string' },
  min: { type: 'string' },
  max: { type: 'string' },
  revision: { type: 'string' },
  task: { type: 'string' },
} as const

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options)
  const hub = readHub(process.env)
  const { id, revision } = readModel(positionals, values.revision, hub)
  const task = values.task === undefined ? undefined : readTask(values.task)
  const root = readRoot(values.root)
  const { repository, diagnostics } = loadRepository(root, { models: [], clusters: [] })
  const name = values.name ?? nameOf(id)
  checkName(root, name)
  const problems = [...diagnostics, ...planLoaded(repository).diagnostics].filter(isInTheWay)
  if (problems.length > 0) {
    printDiagnostics(sortDiagnostics(problems), output)
    return 1
  }
  const lock = await readFacts(hub, id, { revision, task, output })
  if (lock === undefined) return 1
  output.out(`${factsLine(lock)}\n`)
  const questions = openQuestions()
  try {
    const draft = await chooseAll(repository, { name, lock, task, values, questions, output })
    return finish(root, repository, withDraft(repository, draft, lock), output)
  } catch (error) {
    if (!(error instanceof Undraftable)) throw error
    return refuse(error.diagnostics, output)
  } finally {
    questions.close()
  }
}

/** OWNER/NAME, or what people copy from the Hub's pages. */
function readModel(positionals: readonly string[], wanted: string | undefined, hub: Hub): Required<ModelAddress> {
  const [text, ...rest] = positionals
  const usage = 'give one model of the Hub as OWNER/NAME'
  if (text === undefined || rest.length > 0) throw new UsageError(usage)
  const address = readAddress(text, new URL(hub.url).host)
  if ('reason' in address) throw new UsageError(`${usage}; ${text} ${address.reason}`)
  if (wanted !== undefined && address.revision !== undefined && wanted !== address.revision)
    throw new UsageError(`${text} names the revision ${address.revision}, --revision ${wanted}; give one of them`)
  return { id: address.id, revision: wanted ?? address.revision ?? 'main' }
}

/** Words of other programs for the same, such as vLLM's own --task. */
const taskWords: Record<string, Task> = {
  generate: 'text-generation',
  embed: 'feature-extraction',
  embedding: 'feature-extraction',
  classify: 'text-classification',
  score: 'text-classification',
  rerank: 'text-classification',
}

const readTask = (text: string): Task =>
  taskOfTag(text) ??
  (Object.hasOwn(taskWords, text) ? taskWords[text] : undefined) ??
  (oneOf(text, tasks, '--task') as Task)

/** Without these files there is no plan of any model; a mistake in another model is for synth to report. */
const isInTheWay = (one: Diagnostic): boolean =>
  isError(one) && /^(?:clusters\/|apps\/(?:gateway|images)\.yaml$)/.test(one.position.file)

const nameOf = (id: string): string =>
  (id.split('/')[1] ?? id)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')

function checkName(root: string, name: string): void {
  if (!/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name))
    throw new UsageError(`--name ${name}: write at most 40 lower-case letters, digits and dashes, a letter first`)
  if (existsSync(join(root, `apps/models/${name}.yaml`)))
    throw new UsageError(
      `apps/models/${name}.yaml is there already; give another --name, or npm run lock -- ${name} --update`,
    )
}

async function readFacts(
  hub: Hub,
  id: string,
  { revision, task, output }: { revision: string; task: Task | undefined; output: Output },
): Promise<Lock | undefined> {
  try {
    return await describeModel(hub, id, revision, { ...(task && { task }), complete: true })
  } catch (error) {
    if (!(error instanceof HubProblem)) throw error
    if (error.rule === 'unreachable') throw new Failure(`${error.message} -> ${error.hint}`)
    output.log(`${error.message} -> ${error.hint}\n`)
    return undefined
  }
}

function factsLine({ id, parameters, weightBytes, licence, gated, pipelineTag, maxPositionEmbeddings }: Lock): string {
  const count = Object.values(parameters).reduce((sum, one) => sum + one, 0)
  const size = count >= 1e9 ? `${(count / 1e9).toFixed(1)} billion` : `${Math.round(count / 1e6)} million`
  return `${id}: ${size} parameters, ${(weightBytes / 1e9).toFixed(2)} GB, ${pipelineTag},\n  ${maxPositionEmbeddings.toLocaleString('en-US')} tokens, licence ${licence}${gated ? ', gated' : ''}`
}

function finish(root: string, repository: Repository, { side, files, diagnostics }: Drafted, output: Output): ExitCode {
  if (diagnostics.length > 0) return refuse(diagnostics, output)
  const { plans, diagnostics: known } = planLoaded(repository)
  const before = makeSide(repository, plans, known)
  output.out(
    `${textCard(review({ before, after: side, rendered: [], stale: [], code: [], files: [], renderAgain: () => [] }))}\n`,
  )
  writeTree(
    root,
    { changed: files.map((file) => ({ file, before: undefined })), stale: [], unchanged: 0, diagnostics: [] },
    () => {},
  )
  for (const { path } of files) output.out(`written: ${path}\n`)
  output.out('Run `npm run synth`, look at `npm run review`, and commit.\n')
  return 0
}
