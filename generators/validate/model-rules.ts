// Rules about one model: its name, its lock, its settings in each cluster.
import { diagnoseModel, startOf } from '../diagnostics/diagnose.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import type { LoadedModel } from '../load/repository.ts'
import type { Cluster } from '../schema/cluster.ts'
import { type Lock, lockSchema } from '../schema/lock.ts'
import { type ModelFile, type ModelSettings, modelFileSchema } from '../schema/model.ts'
import { checkSchema } from './check-schema.ts'
import type { CheckedCluster } from './cluster-rules.ts'
import { checkEngine, chooseEngine } from './engine-rules.ts'
import type { Findings, Report } from './findings.ts'
import { checkLock } from './lock-rules.ts'
import { withPlainPatches } from './merge-patch.ts'
import { type Draft, draftSettings } from './model-settings.ts'
import type { CheckedModel, ValidModel } from './repository.ts'
import { checkCapacity } from './reservation-rules.ts'
import { checkSchedule } from './schedule-rules.ts'
import { checkWeights, weightSettings } from './weight-rules.ts'

/** Every lock of today says what its layers keep, if only that they keep nothing. */
const isOutdated = (lock: unknown): boolean =>
  typeof lock === 'object' && lock !== null && 'layers' in lock && !('cache' in lock)

const longestName = 40
const namePattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/

export function checkModel(
  loaded: LoadedModel,
  bundled: ReadonlyMap<string, string | undefined>,
  isBroken: (path: string) => boolean,
  findings: Findings,
): CheckedModel | undefined {
  const { name, file, lock } = loaded
  checkName(loaded, findings)
  const wrong = checkSchema(modelFileSchema, file, withPlainPatches(file.value))
  findings.diagnostics.push(...wrong)
  const lockPath = `apps/models/${name}.lock.json`
  if (lock === undefined) {
    if (!isBroken(lockPath))
      findings.add(
        'LOCK_MISSING',
        startOf(lockPath),
        `${lockPath} is not there`,
        `npm run lock -- ${name} writes it; it holds the facts about the revision`,
      )
    return undefined
  }
  if (isOutdated(lock.value)) {
    findings.add(
      'LOCK_OUTDATED',
      lock.position([]),
      'the lock is of an older form: it does not say what each layer keeps of past tokens',
      `npm run lock -- --migrate ${name} writes it in today’s form; where that is not enough, npm run lock -- ${name} reads the Hub`,
    )
    return undefined
  }
  const wrongLock = checkSchema(lockSchema, lock)
  findings.diagnostics.push(...wrongLock)
  if (wrong.length > 0 || wrongLock.length > 0) return undefined
  const checked = { loaded, file: file.value as ModelFile, lock: lock.value as Lock }
  checkLock(checked, bundled, findings)
  return checked
}

function checkName({ name, file }: LoadedModel, findings: Findings): void {
  const reason =
    name.length > longestName
      ? `has ${name.length} characters, at most ${longestName}`
      : namePattern.test(name)
        ? undefined
        : 'is no Kubernetes name'
  if (reason === undefined) return
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, longestName)
  findings.add(
    'NAME_INVALID',
    file.position([]),
    `the file name "${name}" ${reason}`,
    `lower-case letters, digits and dashes, for example ${better || 'my-model'}.yaml`,
  )
}

/** The model in one cluster, or undefined when a rule about it is broken. */
export function modelInCluster(
  { loaded, file, lock }: CheckedModel,
  { cluster }: Pick<CheckedCluster, 'cluster'>,
  findings: Findings,
): ValidModel | undefined {
  const before = findings.diagnostics.length
  const report: Report = (...finding) =>
    findings.diagnostics.push(diagnoseModel({ source: loaded.file }, cluster, ...finding))
  const draft = draftSettings(file, cluster.name, lock)
  checkAcceleratorInCluster(draft, cluster, report)
  checkCapacity(draft, cluster, report)
  checkScaling(draft, report)
  checkSchedule(draft, report)
  const chosen = chooseEngine(draft, report)
  if (chosen !== undefined) checkEngine(chosen.engine, chosen.version, { name: loaded.name, draft, lock }, report)
  if (chosen !== undefined) checkWeights(draft, { version: chosen.version, name: chosen.engine.name }, cluster, report)
  if (chosen === undefined || findings.diagnostics.length > before) return undefined
  const settings = { ...draft, weights: weightSettings(draft, cluster) } as ModelSettings
  return {
    name: loaded.name,
    source: loaded.file,
    lock,
    lockPath: `apps/models/${loaded.name}.lock.json`,
    settings,
    ...chosen,
  }
}

function checkAcceleratorInCluster({ accelerator }: Draft, cluster: Cluster, report: Report): void {
  if (accelerator === undefined) return
  const kinds = Object.keys(cluster.gpu.maxGpus)
  if (accelerator.type === undefined) {
    report(
      'FIELD_MISSING',
      ['accelerator'],
      'accelerator has no type',
      `write accelerator: {type: ${kinds[0] ?? 'l4'}}`,
    )
  } else if (!kinds.includes(accelerator.type)) {
    const known = kinds.length === 0 ? 'it has none' : `it has: ${kinds.join(', ')}`
    report(
      'ACCELERATOR_NOT_IN_CLUSTER',
      ['accelerator', 'type'],
      `the cluster has no ${accelerator.type}`,
      `${didYouMean(accelerator.type, kinds)}${known} (gpu.maxGpus in clusters/${cluster.name}/cluster.yaml)`,
    )
  }
}

function checkScaling({ scaling }: Draft, report: Report): void {
  const { minReplicas, maxReplicas, idleAfterSeconds } = scaling
  if (minReplicas > maxReplicas) {
    report(
      'SCALING_RANGE',
      ['scaling', 'minReplicas'],
      `minReplicas is ${minReplicas}, maxReplicas is ${maxReplicas}`,
      `write minReplicas: ${maxReplicas} or less`,
    )
  }
  if (minReplicas === 0 && idleAfterSeconds === undefined) {
    report(
      'SCALING_IDLE',
      ['scaling', 'minReplicas'],
      'minReplicas 0 needs idleAfter: after which time the last replica goes',
      'add idleAfter: 15m',
    )
  }
  if (minReplicas > 0 && idleAfterSeconds !== undefined) {
    report(
      'SCALING_IDLE',
      ['scaling', 'idleAfter'],
      `idleAfter has no meaning with minReplicas ${minReplicas}`,
      'write minReplicas: 0, or remove idleAfter',
    )
  }
}
