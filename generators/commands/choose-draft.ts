// `npm run new`: what no option says is asked, each question with a default that would do.

import { gpuOr, listOf, numberOr, oneOf, oneOfOr, unwrap, wholeNumber } from '../command-line/answer-readers.ts'
import { type Output, UsageError } from '../command-line/command.ts'
import type { Questions } from '../command-line/questions.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Engine } from '../engines/engine.ts'
import { engines } from '../engines/index.ts'
import { does, taskOf } from '../engines/served.ts'
import type { Repository } from '../load/repository.ts'
import { taskOfTag } from '../schema/hub-tag.ts'
import type { Lock } from '../schema/lock.ts'
import type { Task } from '../schema/tasks.ts'
import type { ModelDraft } from './draft-model.ts'
import { choicesOf, choiceTable } from './gpu-table.ts'

export interface Scene {
  name: string
  lock: Lock
  /** Of --task. */
  task: Task | undefined
  values: {
    cluster: string[]
    engine?: string
    context?: string
    gpu?: string
    min?: string
    max?: string
  }
  questions: Questions
  output: Output
}

/** Something else than memory keeps the draft from being planned. */
export class Undraftable extends Error {
  override name = 'Undraftable'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    super('the draft breaks a rule')
    this.diagnostics = diagnostics
  }
}

export async function chooseAll(
  repository: Repository,
  { name, lock, task: wanted, values, questions, output }: Scene,
): Promise<ModelDraft> {
  const { ask } = questions
  const known = repository.clusters.map((cluster) => cluster.name)
  const clusters =
    values.cluster.length > 0
      ? values.cluster.map((one) => oneOf(one, known, '--cluster'))
      : await ask('clusters', known[0] ?? '', (answer) => listOf(answer, known))
  const task = wanted ?? taskOf(lock.pipelineTag, lock.architectures, lock.visionTower) ?? 'text-generation'
  const engine = await chooseEngine(task, lock, values.engine, ask)
  const base: ModelDraft = { name, engine: engine.name, replicas: { min: 1, max: 1 }, clusters }
  if (task !== taskOfTag(lock.pipelineTag)) base.task = task
  if (engine.hasKvCache) base.maxModelLen = await chooseContext(lock.maxPositionEmbeddings, values.context, ask)
  const isCpu =
    engine.accelerator === 'none' || (engine.accelerator === 'optional' && (values.gpu ?? 'none') === 'none')
  const gpu = isCpu ? undefined : await chooseGpu(repository, base, lock, { values, ask, output })
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

/** One that does the task with these weights; of those, one that can use a GPU. */
async function chooseEngine(
  task: Task,
  { id, architectures }: Lock,
  wanted: string | undefined,
  ask: Questions['ask'],
): Promise<Engine> {
  const able = engines.filter((engine) => does(engine, task, architectures))
  const names = able.map((engine) => engine.name)
  const preferred = able.find(({ accelerator }) => accelerator !== 'none') ?? able[0]
  if (preferred === undefined)
    throw new UsageError(`no engine here does ${task} with ${id} (${architectures.join(', ')}); give another --task`)
  const name = await given(
    wanted,
    (text) => {
      const engine = oneOf(
        text,
        engines.map((one) => one.name),
        '--engine',
      )
      if (names.includes(engine)) return engine
      throw new UsageError(`${engine} cannot do ${task} with ${id}; give --engine ${names.join(' or ')}`)
    },
    () => ask('engine', preferred.name, (answer) => oneOfOr(answer, names)),
  )
  return able.find((engine) => engine.name === name) ?? preferred
}

const chooseContext = (longest: number, wanted: string | undefined, ask: Questions['ask']): Promise<number> =>
  given(
    wanted,
    (text) => wholeNumber(text, 1, longest, '--context'),
    () =>
      ask(`context, at most ${longest} tokens`, String(Math.min(longest, 16_384)), (answer) =>
        numberOr(answer, 1, longest),
      ),
  )

/** Shows which GPUs would do, cheapest first; the cheapest that the cluster has is the default. */
async function chooseGpu(
  repository: Repository,
  base: ModelDraft,
  lock: Lock,
  { values, ask, output }: Pick<Scene, 'values' | 'output'> & Pick<Questions, 'ask'>,
): Promise<ModelDraft['gpu']> {
  const { choices, problems } = choicesOf(repository, base, lock)
  if (problems.length > 0) throw new Undraftable(problems)
  if (choices.length === 0) throw new UsageError(tooLarge(lock.id, base))
  output.out(`${choiceTable(choices, base.clusters[0] ?? '')}\n`)
  const best = choices.find(({ allowed }) => allowed) ?? choices[0]
  const text = best?.count === 1 ? best.kind : `${best?.kind}:${best?.count}`
  return given(
    values.gpu,
    (wanted) => unwrap(gpuOr(wanted), '--gpu'),
    () => ask('GPU of one replica', text, gpuOr),
  )
}

const tooLarge = (id: string, { clusters: [cluster], maxModelLen }: ModelDraft): string =>
  maxModelLen === undefined
    ? `no GPU that cluster ${cluster} could have serves ${id}; leave --gpu away for CPU nodes`
    : `nothing that cluster ${cluster} could have holds ${id} with ${maxModelLen} tokens; give a smaller --context, or the cluster GPUs (gpu.maxGpus)`

const given = async <Value>(
  flag: string | undefined,
  read: (text: string) => Value,
  ask: () => Promise<Value>,
): Promise<Value> => (flag === undefined ? ask() : read(flag))
