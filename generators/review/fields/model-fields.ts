// What a change of each field of a model file, and of its lock, means. A cluster's patch has the rows of the fields that it changes.
import { modelDefaults } from '../../schema/model-defaults.ts'
import { amount, by, changes, type FieldTable, list, none, section, shown, within } from './row.ts'

const rolls = none('the table of models shows it: pods, GPUs, dollars, memory, how its pods are replaced')

export const modelFields: FieldTable = {
  model: changes('caution', 'other weights answer under the same name.'),
  revision: by('revision'),
  'engine.name': changes('warning', 'another program serves the model: its routes, options and answers differ.'),
  'engine.version': changes('note', 'another version of the engine: answers and speed may differ.'),
  'engine.maxModelLen': by('smaller-context', 'less-room'),
  'engine.dtype': changes('note', 'numbers are computed in another format: answers may differ.'),
  'engine.quantization': changes('warning', 'weights are rounded otherwise: answers may differ.'),
  'engine.kvCacheDtype': by('less-room'),
  'engine.gpuMemoryUtilization': by('less-room'),
  'engine.maxNumSeqs': amount({ less: ['note', 'requests in one batch; the others wait.'] }),
  'engine.tensorParallelSize': rolls,
  'engine.extraArgs': list({
    added: ['warning', 'flags of the engine; what they do is not judged here.'],
    removed: ['warning', 'flags of the engine; clients may count on what they did.'],
  }),
  'accelerator.type': rolls,
  'accelerator.count': rolls,
  'accelerator.capacity': list({
    added: ['warning', 'such nodes are taken too; spot nodes go at two minutes’ notice.'],
    removed: ['note', 'such nodes are taken no more.'],
  }),
  'scaling.minReplicas': by('lone-pod', 'scale-to-zero', 'fixed-to-autoscaled'),
  'scaling.maxReplicas': by('costs-more', 'spare-gone', 'lower-maximum', 'autoscaled-to-fixed'),
  'scaling.target.metric': changes('warning', 'replicas are added by another measure.'),
  'scaling.target.value': changes('note', 'replicas are added at another load.'),
  'scaling.schedule': section({
    added: ['note', 'replicas are kept at fixed hours, and cost then.'],
    removed: ['warning', 'no replicas are kept at fixed hours: the first requests then wait for a start.'],
    changed: ['note', 'other replicas are kept, or at other hours.'],
  }),
  'scaling.schedule[]': within('scaling.schedule'),
  'scaling.idleAfter': section({ changed: ['note', 'the last replica goes after another time without requests.'] }),
  task: changes('caution', 'other routes serve the model: requests to the old ones get 404.'),
  aliases: by('alias-removed'),
  description: none('for people'),
  'access.tenants': by('access-opened', 'access-narrowed', 'access-widened'),
  'resources.cpu': none('of pods that get another request the table of models says how they are replaced'),
  'resources.memory': {
    judge: ({ before, after }) =>
      mebibytes(after) < mebibytes(before)
        ? ['warning', ` ${shown(before)} → ${shown(after)}: a pod that needs more is ended by the kernel.`]
        : undefined,
  },
  'env.*': changes('warning', 'another environment of the engine; what it does is not judged here.'),
  'slo.firstToken.p95': by('objective'),
  'slo.interToken.p95': by('objective'),
  'slo.availability': by('objective'),
  'smoke.prompt': changes('note', 'the model is asked something else after its rollout.'),
  'smoke.expect.contains': section({
    removed: ['warning', 'any answer will do after a rollout.'],
    changed: ['note', 'another answer is expected after a rollout.'],
  }),
  'smoke.expect.schema': section({
    removed: ['warning', 'any answer will do after a rollout.'],
    changed: ['note', 'another answer is expected after a rollout.'],
  }),
  'smoke.firstToken': section({
    removed: ['note', 'the smoke test has no limit of its own; that of slo.firstToken counts.'],
    changed: ['note', 'the smoke test is Degraded by another time.'],
  }),
  'timeouts.firstToken': {
    judge(values) {
      const [old, fresh] = [values.before, values.after].map(
        (value) => wholeSeconds(value) ?? modelDefaults.timeouts.firstTokenSeconds,
      )
      if (old === undefined || fresh === undefined || old === fresh) return undefined
      const arrow = ` ${shown(values.before)} → ${shown(values.after)}:`
      return fresh < old
        ? ['warning', `${arrow} requests whose first token takes longer get 504.`]
        : ['note', `${arrow} clients wait that much longer for an engine that hangs.`]
    },
  },
  'weights.load': changes('note', 'pods load their weights another way.'),
  'budget.maxMonthlyUsd': by('budget-removed', 'budget-raised'),
}

/** A duration as the schema allows it. */
const wholeSeconds = (value: unknown): number | undefined => {
  const [, digits, unit = 's'] = /^(\d+)(s|m|h)$/.exec(String(value ?? '')) ?? []
  return digits === undefined ? undefined : Number(digits) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1)
}

/** A quantity as the schema allows it; what is not set is derived, and large enough. */
const mebibytes = (value: unknown): number => {
  const [, digits, unit] = /^(\d+)(Mi|Gi)$/.exec(String(value ?? '')) ?? []
  return digits === undefined ? Infinity : Number(digits) * (unit === 'Gi' ? 1024 : 1)
}

const shape = none('a fact of the weights: fit, memory and GPUs in the table of models rest on it')
const facts = by('lock-facts')

export const lockFields: FieldTable = {
  id: by('revision'),
  revision: by('revision'),
  sha256: by('revision'),
  pipelineTag: none('the model’s task unless its file names one; another task has other routes, which synth checks'),
  licence: by('licence'),
  gated: by('gated'),
  architectures: facts,
  parameters: facts,
  'parameters.*': facts,
  weightBytes: facts,
  weightFiles: facts,
  'weightFiles[]': facts,
  files: facts,
  'files[]': facts,
  layers: facts,
  hiddenSize: facts,
  heads: facts,
  kvHeads: facts,
  headDim: facts,
  vocabularySize: facts,
  maxPositionEmbeddings: facts,
  cache: facts,
  'cache[]': facts,
  intermediateSize: shape,
  'experts.total': shape,
  'experts.perToken': shape,
  'experts.intermediateSize': shape,
  'experts.activeParameters': shape,
  quantization: facts,
  cacheDtype: facts,
  visionTower: facts,
  needsRemoteCode: by('remote-code'),
  hasChatTemplate: by('lock-facts'),
  safetensors: none('synth refuses weights that are there only as pickle'),
  unverified: by('unverified'),
}
