// Risks of one model in one cluster, from what the planner knows of it before and after.

import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { holdSeconds } from '../../schema/contract.ts'
import type { Facts, ModelRow } from '../model-rows.ts'
import { costRules } from './cost-rules.ts'
import type { Finding, ModelRule } from './model-rule.ts'
import { objectiveRules } from './objective-rules.ts'
import { minutes, type Risk } from './risk.ts'

export function modelRisks(rows: readonly ModelRow[]): Risk[] {
  return rows.flatMap((row) => {
    const { before, after } = row.plan ?? {}
    const findings = [
      ...(after === undefined ? [] : afterRules.map((rule) => rule(after, before))),
      ...(before === undefined || after === undefined ? [] : rules.map((rule) => rule({ row, before, after }))),
    ]
    return findings.flatMap((finding) => {
      if (finding === undefined) return []
      const [level, rule, text] = finding
      return [{ level, rule, where: `${row.cluster}/${row.model}`, text }]
    })
  })
}

const tokens = (count: number): string => count.toLocaleString('en-US')

/** Whether a request that wakes the model outlasts its start. */
function heldText(coldStartSeconds: number): string {
  const { request, stream } = holdSeconds
  if (coldStartSeconds <= request) return 'The gateway holds it for this long.'
  return coldStartSeconds <= stream
    ? `The gateway holds it for ${request} s, a stream for up to ${stream / 60} min with \`X-Scale-Up-Timeout\`; after that it gets 504.`
    : `The gateway holds no request for this long (a stream ${stream / 60} min with \`X-Scale-Up-Timeout\`): it gets 504, and has to be sent again.`
}

type ColdStart = ModelPlan['rollout']['coldStart']

/** @param before parts that changed are shown with what they were */
function partsText(after: ColdStart, before: ColdStart = after): string {
  const parts = (['node', 'image', 'weights', 'engine'] as const).map((part) => {
    const was = before[part] === after[part] ? '' : `${before[part]} → `
    return `${part} ${was}${after[part]} s`
  })
  return parts.join(', ')
}

/** What each start of a pod fetches through NAT, and what that costs; nothing when it never does. */
function natText(after: ModelPlan['weights'], before: ModelPlan['weights'] = after): string {
  if (after.natBytes === 0 && before.natBytes === 0) return ''
  const [bytes, usd] = [
    [before, after].map(({ natBytes }) => `${(natBytes / 1e9).toFixed(1)} GB`),
    [before, after].map(({ natUsd }) => `$${natUsd.toFixed(2)}`),
  ].map((pair) => [...new Set(pair)].join(' → '))
  return ` Each start fetches ${bytes} through NAT, for ${usd}.`
}

/** Hold for a new model as well as for a changed one. */
const afterRules: ((after: ModelPlan, before: ModelPlan | undefined) => Finding | undefined)[] = [
  ({ lock }, before) =>
    lock.gated && before?.lock.gated !== true
      ? ['note', 'gated', 'is gated: the Hub token of the cluster needs accepted terms, or its pods never start.']
      : undefined,
  ({ lock }, before) =>
    lock.needsRemoteCode && before?.lock.needsRemoteCode !== true
      ? ['caution', 'remote-code', 'loads only by running code from the model’s own repository.']
      : undefined,
  ({ scaling, rollout, weights }, before) =>
    scaling.minReplicas === 0 && (before === undefined || before.scaling.minReplicas > 0)
      ? [
          'warning',
          'scale-to-zero',
          `goes to zero pods when idle: the first request after that waits ${minutes(rollout.coldStartSeconds)} (${partsText(rollout.coldStart)}). ${heldText(rollout.coldStartSeconds)}${natText(weights)}`,
        ]
      : undefined,
  ({ gpu }, before) =>
    gpu?.capacity.includes('spot') && !before?.gpu?.capacity.includes('spot')
      ? [
          'note',
          'spot',
          'may run on spot nodes, which AWS takes back with two minutes of notice, at any hour: a stream that lasts longer breaks off then.',
        ]
      : undefined,
  ({ lock }, before) =>
    lock.unverified.length > 0 && JSON.stringify(lock) !== JSON.stringify(before?.lock)
      ? ['note', 'unverified', `rests on lock fields that were not read from the Hub: ${lock.unverified.join(', ')}.`]
      : undefined,
]

const rules: readonly ModelRule[] = [
  ({ before, after }) =>
    after.maxModelLen < before.maxModelLen
      ? [
          'warning',
          'smaller-context',
          `takes ${tokens(after.maxModelLen)} tokens instead of ${tokens(before.maxModelLen)}: longer requests get 400.`,
        ]
      : undefined,
  ({ before: { rollout: old, weights: from }, after: { rollout: fresh, weights } }) =>
    JSON.stringify(old.coldStart) === JSON.stringify(fresh.coldStart) && from.natBytes === weights.natBytes
      ? undefined
      : [
          'note',
          'cold-start',
          `starts in ${minutes(fresh.coldStartSeconds)}: ${partsText(fresh.coldStart, old.coldStart)}.${natText(weights, from)}`,
        ],
  ({ row, before, after }) => {
    if (row.rollout !== 'one by one') return undefined
    const pods = Math.max(1, Math.min(before.scaling.minReplicas, after.scaling.minReplicas))
    // On the same node, when the old pod has finished what it has.
    const { terminationGraceSeconds, restartSeconds } = after.rollout
    const gap = `${minutes(restartSeconds)} and what the old pod’s open streams take (${minutes(terminationGraceSeconds)} at most)`
    return pods === 1
      ? ['caution', 'outage', `has one pod and no spare GPU for a second: nobody answers for ${gap} while it rolls.`]
      : [
          'warning',
          'less-capacity',
          `rolls one by one without a spare GPU: ${pods - 1} of ${pods} pods serve for ${gap} a pod.`,
        ]
  },
  ({ before, after }) =>
    !before.scaling.autoscaled &&
    after.scaling.minReplicas > 0 &&
    after.scaling.autoscaled &&
    before.scaling.minReplicas > after.scaling.minReplicas
      ? [
          'note',
          'fixed-to-autoscaled',
          `hands its ${before.scaling.minReplicas} pods over to the autoscaler, which may go down to ${after.scaling.minReplicas}.`,
        ]
      : undefined,
  ({ before, after }) =>
    before.scaling.autoscaled && !after.scaling.autoscaled && before.scaling.maxReplicas > after.scaling.minReplicas
      ? [
          'warning',
          'autoscaled-to-fixed',
          `has ${after.scaling.minReplicas} ${after.scaling.minReplicas === 1 ? 'pod' : 'pods'} from the merge on, however many its autoscaler holds then (at most ${before.scaling.maxReplicas}): the others end after their open requests.`,
        ]
      : undefined,
  ({ before, after }) =>
    after.scaling.autoscaled && after.scaling.maxReplicas < before.scaling.maxReplicas
      ? [
          'note',
          'lower-maximum',
          `scales to ${after.scaling.maxReplicas} pods at most instead of ${before.scaling.maxReplicas}.`,
        ]
      : undefined,
  ({ before, after }) =>
    before.lock.licence === after.lock.licence
      ? undefined
      : ['warning', 'licence', `changes its licence: ${before.lock.licence} → ${after.lock.licence}.`],
  ({ before, after }) => {
    const [old, fresh] = [revisionOf(before), revisionOf(after)]
    return old === fresh
      ? undefined
      : ['note', 'revision', `gets other weights: ${old.slice(0, 12)} → ${fresh.slice(0, 12)}. Answers may differ.`]
  },
  ({ before, after }) => {
    const gone = before.settings.aliases.filter(
      (alias) => alias !== after.name && !after.settings.aliases.includes(alias),
    )
    return gone.length === 0
      ? undefined
      : ['warning', 'alias-removed', `is no longer found as ${gone.join(', ')}: clients that send it get 404.`]
  },
  ({ row, after }) =>
    row.verbs[0] === 'renamed' && row.from !== undefined && !after.settings.aliases.includes(row.from)
      ? ['warning', 'renamed', `was ${row.from}: clients that send the old name get 404 unless it becomes an alias.`]
      : undefined,
  ({ before, after }) => accessChange(before.settings.tenants, after.settings.tenants),
  ({ row }) => halvedRoom(row.before, row.after),
  ({ before, after }) => lockFacts(before, after),
  ...costRules,
  ...objectiveRules,
]

const revisionOf = ({ lock }: ModelPlan): string => ('revision' in lock ? lock.revision : lock.sha256)

function accessChange(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): Finding | undefined {
  if (after === undefined)
    return before === undefined ? undefined : ['caution', 'access-opened', 'is open to every tenant from now on.']
  const gone = before?.filter((tenant) => !after.includes(tenant)) ?? ['everybody else']
  if (gone.length > 0) return ['warning', 'access-narrowed', `is closed to ${gone.join(', ')}: their requests get 404.`]
  const came = after.filter((tenant) => !before?.includes(tenant))
  return came.length === 0 ? undefined : ['note', 'access-widened', `is open to ${came.join(', ')} too.`]
}

/** What may change without the weights: the licence has a rule of its own. */
const aboutWeights = ({ licence: _, gated: __, unverified: ___, ...facts }: ModelPlan['lock']) => facts

/** A revision never changes, so its facts do not either. */
function lockFacts(before: ModelPlan, after: ModelPlan): Finding | undefined {
  if (revisionOf(before) !== revisionOf(after)) return undefined
  const [old, fresh] = [before, after].map(({ lock }) => aboutWeights(lock) as Record<string, unknown>)
  const names = Object.keys({ ...old, ...fresh }).filter(
    (name) => JSON.stringify(old?.[name]) !== JSON.stringify(fresh?.[name]),
  )
  if (names.length === 0) return undefined
  const text = `has other facts in its lock for the same revision: ${names.join(', ')}. They come from the Hub alone: \`npm run lock\`.`
  return ['warning', 'lock-facts', text]
}

/** Less than this share of the full-length requests of before is worth a word. */
const muchLess = 0.5

function halvedRoom(before: Facts | undefined, after: Facts | undefined): Finding | undefined {
  const [old, fresh] = [before?.fit?.fullLengthRequests, after?.fit?.fullLengthRequests]
  if (old === undefined || fresh === undefined || after === undefined || fresh >= old * muchLess) return undefined
  if (after.maxModelLen > (before?.maxModelLen ?? 0)) return undefined
  return [
    'warning',
    'less-room',
    `holds ${fresh.toFixed(1)} full-length requests at once instead of ${old.toFixed(1)} (runtime memory ≈${after.fit?.runtimeGib.toFixed(1)} GiB).`,
  ]
}
