// `npm run new`: from a name on the Hub to a model file and its lock, with fit and cost shown before anything is chosen.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { engines } from '../engines/index.ts'
import { describeModel } from '../hub/describe-model.ts'
import { HubProblem } from '../hub/hub-problem.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { Repository } from '../load/repository.ts'
import { planLoaded } from '../pipeline.ts'
import { textCard } from '../review/card/text.ts'
import { review } from '../review/review.ts'
import { makeSide } from '../review/side.ts'
import { acceleratorKinds } from '../schema/accelerators.ts'
import type { Lock } from '../schema/lock.ts'
import { writeTree } from '../write/write-tree.ts'
import { gpuOr, listOf, numberOr, oneOf, oneOfOr, unwrap, wholeNumber } from './answer-readers.ts'
import { readArguments, readRoot } from './arguments.ts'
import { type Command, type Console, type ExitCode, UsageError } from './command.ts'
import { type Drafted, type ModelDraft, withDraft } from './draft-model.ts'
import { choicesOf, choiceTable } from './gpu-table.ts'
import { readHub } from './hub-settings.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { openQuestions, type Questions } from './questions.ts'

export const newModel: Command = {
  name: 'new',
  summary: 'add a model of the Hugging Face Hub: writes its model file and lock',
  usage: `npm run new -- MODEL_ID [--name NAME] [--cluster C]... [--engine E]
               [--context TOKENS] [--gpu KIND[:COUNT]] [--min N] [--max N]
               [--revision REV] [--root DIR]

  MODEL_ID         OWNER/NAME on the Hub
  --name NAME      file name, and the model that clients send
  --cluster C      where it runs (may be repeated; default: the first)
  --engine E       ${engines.map(({ name }) => name).join(', ')}; default: by the model's task
  --context N      longest prompt plus answer, in tokens
  --gpu KIND[:N]   ${acceleratorKinds.slice(0, 4).join(', ')}, …; N per replica; none for CPU
  --min N, --max N replicas; 0 starts on the first request
  --revision REV   commit, branch or tag (default: main)

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
  revision: { type: 'string', default: 'main' },
} as const

async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options)
  const [id, ...rest] = positionals
  if (id === undefined || rest.length > 0 || !/^[\w.-]+\/[\w.-]+$/.test(id))
    throw new UsageError('give one model of the Hub as OWNER/NAME')
  const root = readRoot(values.root)
  const { repository, diagnostics } = loadRepository(root, { models: [], clusters: [] })
  const name = values.name ?? nameOf(id)
  checkName(root, name)
  const problems = [...diagnostics, ...planLoaded(repository).diagnostics].filter(isInTheWay)
  if (problems.length > 0) {
    printDiagnostics(sortDiagnostics(problems), console)
    return 1
  }
  const lock = await readFacts(id, values.revision, console)
  if (lock === undefined) return 1
  console.out(`${factsLine(lock)}\n`)
  const questions = openQuestions()
  try {
    const draft = await chooseAll(repository, { name, lock, values, questions, console })
    return finish(root, repository, withDraft(repository, draft, lock), console)
  } finally {
    questions.close()
  }
}

/** Without these files there is no plan of any model; a mistake in another model is for synth to tell. */
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

async function readFacts(id: string, revision: string, console: Console): Promise<Lock | undefined> {
  try {
    return await describeModel(readHub(process.env), id, revision)
  } catch (error) {
    if (!(error instanceof HubProblem)) throw error
    if (error.rule === 'unreachable') throw new Failure(`${error.message} -> ${error.hint}`)
    console.log(`${error.message} -> ${error.hint}\n`)
    return undefined
  }
}

function factsLine({ id, parameters, weightBytes, licence, gated, pipelineTag, maxPositionEmbeddings }: Lock): string {
  const count = Object.values(parameters).reduce((sum, one) => sum + one, 0)
  const size = count >= 1e9 ? `${(count / 1e9).toFixed(1)} billion` : `${Math.round(count / 1e6)} million`
  return `${id}: ${size} parameters, ${(weightBytes / 1e9).toFixed(2)} GB, ${pipelineTag},\n  ${maxPositionEmbeddings.toLocaleString('en-US')} tokens, licence ${licence}${gated ? ', gated' : ''}`
}

interface Scene {
  name: string
  lock: Lock
  values: ReturnType<typeof readArguments<typeof options>>['values']
  questions: Questions
  console: Console
}

async function chooseAll(
  repository: Repository,
  { name, lock, values, questions, console }: Scene,
): Promise<ModelDraft> {
  const { ask } = questions
  const known = repository.clusters.map((cluster) => cluster.name)
  const clusters =
    values.cluster.length > 0
      ? values.cluster.map((one) => oneOf(one, known, '--cluster'))
      : await ask('clusters', known[0] ?? '', (answer) => listOf(answer, known))
  const fitting = engines.filter(({ tasks }) => (tasks as readonly string[]).includes(lock.pipelineTag))
  const engineNames = engines.map((engine) => engine.name)
  const [preferred] = fitting.filter(({ accelerator }) => accelerator !== 'none')
  const engineName = await given(
    values.engine,
    (text) => oneOf(text, engineNames, '--engine'),
    () => ask('engine', preferred?.name ?? 'vllm', (answer) => oneOfOr(answer, engineNames)),
  )
  const engine = engines.find((one) => one.name === engineName)
  const longest = lock.maxPositionEmbeddings
  const base: ModelDraft = { name, engine: engineName, replicas: { min: 1, max: 1 }, clusters }
  if (engine?.hasKvCache === true) {
    base.maxModelLen = await given(
      values.context,
      (text) => wholeNumber(text, 1, longest, '--context'),
      () =>
        ask(`context, at most ${longest} tokens`, String(Math.min(longest, 16_384)), (answer) =>
          numberOr(answer, 1, longest),
        ),
    )
  }
  const gpu =
    engine?.accelerator === 'none' || (engine?.accelerator === 'optional' && values.gpu === undefined)
      ? undefined
      : await chooseGpu(repository, base, lock, { values, ask, console })
  const min = await given(
    values.min,
    (text) => wholeNumber(text, 0, 100, '--min'),
    () => ask('fewest replicas (0: start on the first request)', '1', (answer) => numberOr(answer, 0, 100)),
  )
  const least = Math.max(1, min)
  const max = await given(
    values.max,
    (text) => wholeNumber(text, least, 100, '--max'),
    () => ask('most replicas', String(least), (answer) => numberOr(answer, least, 100)),
  )
  return { ...base, ...(gpu === undefined ? {} : { gpu }), replicas: { min, max } }
}

/** Shows which GPUs would do, cheapest first; the cheapest that the cluster has is the default. */
async function chooseGpu(
  repository: Repository,
  base: ModelDraft,
  lock: Lock,
  { values, ask, console }: Pick<Scene, 'values' | 'console'> & Pick<Questions, 'ask'>,
): Promise<ModelDraft['gpu']> {
  const choices = choicesOf(repository, base, lock)
  console.out(`${choiceTable(choices, base.clusters[0] ?? '')}\n`)
  if (choices.length === 0)
    throw new UsageError(
      `nothing that cluster ${base.clusters[0]} could have holds ${lock.id} with ${base.maxModelLen} tokens; give a smaller --context, or the cluster GPUs (gpu.maxGpus)`,
    )
  const best = choices.find(({ allowed }) => allowed) ?? choices[0]
  const text = best?.count === 1 ? best.kind : `${best?.kind}:${best?.count}`
  return given(
    values.gpu,
    (wanted) => unwrap(gpuOr(wanted), '--gpu'),
    () => ask('GPU of one replica', text, gpuOr),
  )
}

function finish(
  root: string,
  repository: Repository,
  { side, files, diagnostics }: Drafted,
  console: Console,
): ExitCode {
  if (diagnostics.length > 0) {
    printDiagnostics(diagnostics, console)
    console.log('nothing was written\n')
    return 1
  }
  const { plans, diagnostics: known } = planLoaded(repository)
  const before = makeSide(repository, plans, known)
  console.out(
    `${textCard(review({ before, after: side, rendered: [], stale: [], code: [], renderAgain: () => [] }))}\n`,
  )
  writeTree(
    root,
    { changed: files.map((file) => ({ file, before: undefined })), stale: [], unchanged: 0, diagnostics: [] },
    () => {},
  )
  for (const { path } of files) console.out(`written: ${path}\n`)
  console.out('Run `npm run synth`, look at `npm run review`, and commit.\n')
  return 0
}

const given = async <Value>(
  flag: string | undefined,
  read: (text: string) => Value,
  ask: () => Promise<Value>,
): Promise<Value> => (flag === undefined ? ask() : read(flag))
