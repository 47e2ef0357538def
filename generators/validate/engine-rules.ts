// Rules about a model's engine in one cluster: version, options, accelerator, task, extra flags, environment.

import { didYouMean } from '../diagnostics/nearest.ts'
import type { Engine, EngineVersion } from '../engines/engine.ts'
import { readFlagUses } from '../engines/flag-uses.ts'
import { engines } from '../engines/index.ts'
import { missingMetrics } from '../engines/metric-names.ts'
import { does, enginesFor, taskOf } from '../engines/served.ts'
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import { modelDirectory } from '../schema/contract.ts'
import type { Lock } from '../schema/lock.ts'
import { checkExtraArgs } from './extra-args.ts'
import type { Report } from './findings.ts'
import type { Draft } from './model-settings.ts'
import { checkOpenings, checkVariables } from './opening-rules.ts'
import { checkQuantization } from './quantization-rules.ts'
import { checkSlo, checkSmoke } from './slo-rules.ts'

/** The engine and version a model gets; undefined when a rule was broken that leaves none. */
export function chooseEngine(draft: Draft, report: Report): { engine: Engine; version: EngineVersion } | undefined {
  const { name } = draft.engine
  if (name === undefined) {
    report(
      'ENGINE_MISSING',
      ['engine'],
      'no engine is set',
      `write engine: ${engines.map((one) => one.name).join(' or ')}`,
    )
    return undefined
  }
  const engine = engines.find((one) => one.name === name)
  if (engine === undefined) {
    const known = engines.map((one) => one.name)
    report(
      'ENGINE_UNKNOWN',
      ['engine', 'name'],
      `there is no engine "${name}"`,
      `${didYouMean(name, known)}engines: ${known.join(', ')}`,
    )
    return undefined
  }
  const version = chooseVersion(engine, draft, report)
  return version === undefined ? undefined : { engine, version }
}

const isComplete = (version: EngineVersion, kind: AcceleratorKind | undefined): boolean =>
  version.flags !== undefined && missingMetrics(version).length === 0 && version.image(kind) !== undefined

function chooseVersion(engine: Engine, draft: Draft, report: Report): EngineVersion | undefined {
  const kind = draft.accelerator?.type
  const wanted = draft.engine.version
  const usable = engine.versions.filter((version) => isComplete(version, kind))
  const choices = usable.length === 0 ? 'none for this accelerator' : usable.map(({ version }) => version).join(', ')
  if (wanted === undefined) {
    if (usable[0] === undefined) {
      report(
        'ENGINE_IMAGE_MISSING',
        ['accelerator'],
        `${engine.name} has no image for ${kind ?? 'CPU nodes'}`,
        'choose another accelerator or engine',
      )
    }
    return usable[0]
  }
  const version = engine.versions.find((one) => one.version === wanted)
  if (version === undefined) {
    const known = engine.versions.map((one) => one.version)
    report(
      'ENGINE_VERSION_UNKNOWN',
      ['engine', 'version'],
      `${engine.name} has no version "${wanted}" here`,
      `${didYouMean(wanted, known)}usable: ${choices}`,
    )
    return undefined
  }
  if (isComplete(version, kind)) return version
  const anyImage =
    version.flags !== undefined &&
    missingMetrics(version).length === 0 &&
    engine.versions.some((one) => one === version && hasAnyImage(one))
  if (anyImage)
    report(
      'ENGINE_IMAGE_MISSING',
      ['engine', 'version'],
      `${engine.name} ${wanted} has no image for ${kind ?? 'CPU nodes'}`,
      `usable: ${choices}`,
    )
  else {
    const lack = lackOf(version)
    report(
      'ENGINE_VERSION_INCOMPLETE',
      ['engine', 'version'],
      `${engine.name} ${wanted} has ${lack}`,
      `usable: ${choices}`,
    )
  }
  return undefined
}

function lackOf(version: EngineVersion): string {
  const [metric] = missingMetrics(version)
  if (version.flags === undefined) return 'no recorded flag list'
  return metric === undefined ? 'no image with a known digest' : `no metric ${metric}, which scaling or alerts read`
}

const hasAnyImage = (version: EngineVersion): boolean =>
  version.image(undefined) !== undefined ||
  (Object.keys(accelerators) as AcceleratorKind[]).some((kind) => version.image(kind) !== undefined)

/** The model as far as it is known before its settings are sound. */
export interface DraftedModel {
  name: string
  draft: Draft
  lock: Lock
}

/** Everything else about the engine; all of it is reported at once. */
export function checkEngine(
  engine: Engine,
  version: EngineVersion,
  { name, draft, lock }: DraftedModel,
  report: Report,
): void {
  checkAccelerator(engine, draft, report)
  checkOptions(engine, draft, report)
  checkTask(engine, draft, lock, report)
  checkParallel(draft, lock, report)
  checkQuantization(engine, version, draft, lock, report)
  checkArguments(engine, version, name, draft, report)
  checkOpenings(engine, version, { name, draft }, report)
  checkVariables(engine, version, draft, report)
  checkSlo(engine.name, version, draft, report)
  checkSmoke(draft, report)
  const metric = draft.scaling.target?.metric
  if (metric !== undefined && version.metrics[metric] === undefined) {
    const known = Object.keys(version.metrics).join(', ')
    report(
      'SCALING_METRIC',
      ['scaling', 'target', 'metric'],
      `${engine.name} has no metric ${metric}`,
      `write one of: ${known}`,
    )
  }
}

function checkAccelerator(engine: Engine, draft: Draft, report: Report): void {
  const kind = draft.accelerator?.type
  if (engine.accelerator === 'required' && kind === undefined) {
    report(
      'ENGINE_ACCELERATOR',
      ['engine'],
      `${engine.name} needs a GPU, and no accelerator is set`,
      'write accelerator: l4, or engine: cpu',
    )
  }
  if (engine.accelerator === 'none' && kind !== undefined) {
    report(
      'ENGINE_ACCELERATOR',
      ['accelerator'],
      `${engine.name} cannot use a GPU, but accelerator is ${kind}`,
      'remove accelerator (in a cluster: accelerator: null), or choose engine: vllm',
    )
  }
}

function checkOptions(engine: Engine, draft: Draft, report: Report): void {
  const allowed: readonly string[] = ['name', 'version', 'extraArgs', ...engine.options]
  for (const option of Object.keys(draft.engine)) {
    if (!allowed.includes(option)) {
      report(
        'ENGINE_OPTION',
        ['engine', option],
        `${engine.name} has no option ${option}`,
        `remove it; ${engine.name} has: ${engine.options.join(', ')}`,
        'key',
      )
    }
  }
}

function checkTask(engine: Engine, draft: Draft, lock: Lock, report: Report): void {
  const { pipelineTag, architectures } = lock
  if (draft.task === undefined) {
    const task = taskOf(undefined, architectures, lock.visionTower)
    report(
      'ENGINE_TASK',
      ['task'],
      `the Hub calls it ${pipelineTag}, which no engine here does`,
      task === undefined ? `no engine here serves ${architectures.join(', ')}` : `write task: ${task}`,
    )
  } else if (!engine.tasks.includes(draft.task)) {
    const able = engines
      .filter((one) => draft.task !== undefined && one.tasks.includes(draft.task))
      .map((one) => one.name)
    report(
      'ENGINE_TASK',
      ['engine'],
      `${engine.name} cannot do ${draft.task}`,
      able.length === 0 ? 'no engine here can' : `write engine: ${able.join(' or ')}`,
    )
  } else if (!does(engine, draft.task, architectures)) {
    // Whether there are ONNX files for a CPU engine is not in the lock.
    const able = enginesFor(draft.task, architectures)
      .filter(({ accelerator }) => accelerator !== 'none')
      .map((one) => one.name)
    report(
      'ENGINE_ARCHITECTURE',
      ['engine'],
      `${engine.name} cannot do ${draft.task} with ${architectures.join(', ')}`,
      able.length === 0 ? 'no engine here can; choose another model' : `write engine: ${able.join(' or ')}`,
    )
  }
}

function checkParallel(draft: Draft, lock: Lock, report: Report): void {
  const count = draft.accelerator?.count ?? 1
  const parallel = draft.engine.tensorParallelSize ?? count
  const pointer =
    draft.engine.tensorParallelSize === undefined ? ['accelerator', 'count'] : ['engine', 'tensorParallelSize']
  if (draft.accelerator === undefined) return
  if (parallel !== count) {
    report(
      'TENSOR_PARALLEL',
      pointer,
      `tensorParallelSize is ${parallel}, but a replica has ${count} GPUs`,
      `write accelerator.count: ${parallel}, or remove tensorParallelSize`,
    )
  } else if (lock.heads % parallel !== 0) {
    report(
      'TENSOR_PARALLEL',
      pointer,
      `${lock.heads} attention heads cannot be shared by ${parallel} GPUs`,
      `write a count that divides ${lock.heads}: ${[1, 2, 4, 8].filter((size) => lock.heads % size === 0).join(', ')}`,
    )
  }
}

function checkArguments(engine: Engine, version: EngineVersion, name: string, draft: Draft, report: Report): void {
  const args = draft.engine.extraArgs ?? []
  checkExtraArgs(engine, version.flags ?? {}, args, report, version.bounds)
  const problems = engine.checkArguments?.(readFlagUses(args).uses, version, modelDirectory(name)) ?? []
  for (const { code, index, message, hint } of problems) report(code, ['engine', 'extraArgs', index], message, hint)
}
