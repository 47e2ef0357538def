// The words and numbers that both cards use.

import { isError } from '../../diagnostics/diagnostic.ts'
import { homeRegion } from '../../schema/prices.ts'
import type { ClusterBill } from '../capacity.ts'
import type { Cause } from '../causes.ts'
import type { LeafChange } from '../leaves.ts'
import type { Facts, ModelRow, Verb } from '../model-rows.ts'
import { ownerOf } from '../object-changes.ts'
import type { ResourceChange } from '../platform/resource-changes.ts'
import { typeRow } from '../platform/resource-types.ts'
import type { GroupWithCauses, Review } from '../review.ts'
import type { SourceChange } from '../source-changes.ts'

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

interface Range {
  min: number
  max: number
  estimated?: true
}

export const range = ({ min, max }: Range): string =>
  whole(min) === whole(max) ? whole(max) : `${whole(min)}..${whole(max)}`

export const dollars = (value: Range): string => `${value.estimated ? '≈' : ''}$${range(value)}`

/** Says what ≈ before a price means; empty when no price has one. */
export const priceNote = ({ models, bills }: Pick<Review, 'models' | 'bills'>): string =>
  [...models.map(({ after }) => after?.monthlyUsd), ...bills.map(({ after }) => after)].some((usd) => usd?.estimated)
    ? `≈$: no price of the region is known, that of ${homeRegion} is taken.`
    : ''

/** `−$310..+$1,200`, `no change`. */
export function dollarDifference(before: Range, after: Range): string {
  const signed = (value: number): string =>
    `${Math.round(value) === 0 ? '' : value < 0 ? '−' : '+'}$${whole(Math.abs(value))}`
  const [low, high] = [after.min - before.min, after.max - before.max]
  if (Math.round(low) === 0 && Math.round(high) === 0) return 'no change'
  const about = before.estimated || after.estimated ? '≈' : ''
  return about + (Math.round(low) === Math.round(high) ? signed(low) : `${signed(low)}..${signed(high)}`)
}

/** One text when both sides say the same, else `before → after`. Of a refused model only what it was is known. */
export function change(row: ModelRow, show: (facts: Facts) => string, none = '–'): string {
  if (row.verbs[0] === 'invalid') return row.before === undefined ? none : show(row.before)
  const [old, fresh] = [row.before, row.after].map((facts) => (facts === undefined ? none : show(facts)))
  return old === fresh ? String(fresh) : `${old} → ${fresh}`
}

export const pods = ({ pods: { min, max } }: Facts): string => range({ min, max })

export const gpus = ({ gpu, pods: { min, max } }: Facts): string =>
  gpu === undefined ? 'cpu' : `${range({ min: min * gpu.count, max: max * gpu.count })} ${gpu.kind}`

export const monthly = ({ monthlyUsd }: Facts): string => dollars(monthlyUsd)

export const atOnce = ({ fit, maxModelLen }: Facts): string =>
  fit === undefined ? '–' : `${fit.isUnseenGpu ? '≈' : ''}${fit.fullLengthRequests.toFixed(1)} × ${whole(maxModelLen)}`

/** Every start rests on assumed speeds. */
export const start = ({ coldStartSeconds }: Facts): string =>
  coldStartSeconds < 120 ? `≈${coldStartSeconds} s` : `≈${Math.round(coldStartSeconds / 60)} min`

/** What each start of a pod fetches through NAT gateways, which cost by the byte. */
export const throughNat = ({ throughNat: { bytes, usd } }: Facts): string =>
  bytes === 0 ? 'none' : `${(bytes / 1e9).toFixed(1)} GB, $${usd.toFixed(2)}`

/** Names the GPU memory of one GPU: weights, runtime, what is left for the KV cache. GiB. */
export const memory = ({ fit }: Facts): string =>
  fit === undefined
    ? '–'
    : `${fit.weightsGib.toFixed(1)}+${fit.runtimeGib.toFixed(1)}+${fit.freeKvGib.toFixed(1)} of ${fit.gpuMemoryGib.toFixed(0)}`

const cells = 14

/** `█` weights, `▓` runtime, `░` KV cache, `·` what the engine leaves alone. */
export function memoryBar({ fit }: Facts): string {
  if (fit === undefined) return ''
  const { gpuMemoryGib, weightsGib, runtimeGib, usableGib } = fit
  const at = (gib: number): number => Math.min(cells, Math.max(0, Math.round((gib / gpuMemoryGib) * cells)))
  const ends = [at(weightsGib), at(weightsGib + runtimeGib), at(usableGib)]
  return Array.from({ length: cells }, (_, cell) => '█▓░·'[ends.filter((end) => cell >= end).length] ?? '·').join('')
}

const verbs: Record<Verb, string> = {
  added: 'added',
  removed: 'removed',
  renamed: 'renamed',
  moved: 'moved',
  rolled: 'rolled',
  scaled: 'scaled',
  changed: 'changed',
  invalid: 'refused by synth',
}

export function verbText({ verbs: list, from }: ModelRow): string {
  const text = list.map((verb) => verbs[verb]).join(', ')
  return from === undefined ? text : `${text} from ${from}`
}

/** What happens to the pods that serve now. */
export function rolloutText({ verbs: [verb], rollout }: ModelRow): string {
  if (rollout === 'surge') return 'a new pod first'
  if (rollout === 'one by one') return 'one by one, no spare GPU'
  if (verb === 'added' || verb === 'moved') return 'first start'
  if (verb === 'renamed') return 'new pods, old ones go'
  if (verb === 'removed') return 'its pods go'
  return verb === 'invalid' ? 'nothing happens' : 'no restart'
}

/** `chat in blue, green: 2 rolled; +$771..+$1,542 a month`: the first line of every card. */
export function headline({
  models,
  objects,
  bills,
  sources,
  resources,
  unjudged,
  stale,
  risks,
  diagnostics,
}: Review): string {
  if (diagnostics.some(isError)) return 'synth refuses this change'
  const changed = objects.reduce((sum, group) => sum + group.objects.length, 0)
  const rest = [
    ...(resources.length > 0 ? [`${count(resources.length, 'resource')} at AWS`] : []),
    ...unjudged.map(({ area, files }) => `${count(files, 'file')} of ${area}: not judged here`),
  ]
  const parts = [...(changed > 0 ? [`${count(changed, 'object')} of the platform`] : []), ...rest]
  if (models.length > 0) return [modelHeadline(models, bills), ...rest].join('; ')
  if (parts.length > 0) return `no model changes; ${parts.join('; ')}`
  if (stale.length > 0) return 'the rendered tree is not what the sources say'
  // A source that reaches no rendered file may still reach AWS.
  if (risks.length > 0) return `no model changes; ${count(risks.length, 'thing')} to look at`
  return sources.length === 0 ? 'nothing that runs changes' : 'sources change, and nothing that runs'
}

const mostNames = 3

function modelHeadline(models: readonly ModelRow[], bills: readonly ClusterBill[]): string {
  const names = [...new Set(models.map(({ model }) => model))]
  const who = names.length <= mostNames ? names.join(', ') : `${names.length} models`
  const where = [...new Set(models.map(({ cluster }) => cluster))].join(', ')
  const tally = Map.groupBy(models, ({ verbs: [verb = 'changed'] }) => verb)
  const what = [...tally].map(([verb, rows]) => (models.length === 1 ? verbs[verb] : `${rows.length} ${verbs[verb]}`))
  const sum = (side: 'before' | 'after'): Range => ({
    min: bills.reduce((total, bill) => total + bill[side].min, 0),
    max: bills.reduce((total, bill) => total + bill[side].max, 0),
    ...(bills.some((bill) => bill[side].estimated) && { estimated: true }),
  })
  const money = dollarDifference(sum('before'), sum('after'))
  return `${who} in ${where}: ${what.join(', ')}; ${money === 'no change' ? 'the same cost' : `${money} a month`}`
}

const longest = 100
const digest = /\b([0-9a-f]{12})[0-9a-f]{28,}\b/g

/** Digests and commits by their first twelve digits, everything else to a length that a line bears. */
function shorten(whole: string): string {
  const text = whole.replace(digest, '$1…')
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}

export const leafTexts = ({ before, after }: LeafChange): { before?: string; after?: string } => ({
  ...(before === undefined ? {} : { before: shorten(before) }),
  ...(after === undefined ? {} : { after: shorten(after) }),
})

export const sourceCause = ({ position, pointer }: SourceChange): Cause => ({ ...position, field: pointer.join('.') })

/** Causes that all fields of a group share, or that explain objects which come or go; said once. */
export function commonCauses({ causes }: GroupWithCauses): Cause[] {
  const lists = [...causes.values()]
  const [first = []] = lists
  return lists.every((list) => JSON.stringify(list) === JSON.stringify(first)) ? first : []
}

export const causeText = ({ file, line, field }: Cause): string => `${file}:${line}${field === '' ? '' : ` ${field}`}`

/** `Deployment chat in prod`, `17 Deployments`, `6 new objects in prod/model-chat`. */
export function groupTitle({ verb, kind, objects }: GroupWithCauses): string {
  const [first] = objects
  if (first === undefined) return ''
  if (verb !== 'changed') {
    const kinds = [...new Set(objects.map((one) => one.kind))].join(', ')
    const whose = `${first.cluster}/${ownerOf(first)}`
    return `${count(objects.length, `${verb === 'added' ? 'new' : 'removed'} object`)} in ${whose}: ${kinds}`
  }
  return objects.length === 1
    ? `${kind} ${first.name} in ${first.cluster}/${first.app}`
    : `${objects.length} × ${kind}: ${objects
        .slice(0, 6)
        .map(({ cluster, name }) => `${cluster}/${name}`)
        .join(', ')}${objects.length > 6 ? ', …' : ''}`
}

const resourceVerbs: Record<ResourceChange['verb'], string> = {
  added: 'new',
  removed: 'gone',
  changed: 'changed in place',
  replaced: 'replaced',
}

export interface ResourceLine {
  /** `web ACL prod-edge-firewall-acl of prod: changed in place`; many of one type that come, go or change alike are one. */
  title: string
  /** At most this many: a reader looks at no more. */
  fields: LeafChange[]
  more: number
  causes: Review['resources'][number]['causes']
}

const mostFields = 8

/** What goes or is replaced first. */
export function resourceLines(resources: Review['resources']): ResourceLine[] {
  const order: ResourceChange['verb'][] = ['removed', 'replaced', 'changed', 'added']
  const groups = Map.groupBy(resources, ({ cluster, type, verb, fields }) =>
    JSON.stringify([cluster, type, verb, fields]),
  )
  return [...groups.values()]
    .toSorted(([a], [b]) => order.indexOf(a?.verb ?? 'added') - order.indexOf(b?.verb ?? 'added'))
    .flatMap(([first, ...others]) => {
      if (first === undefined) return []
      const what = typeRow(first.type)?.what ?? first.type
      const which = others.length === 0 ? `${what} ${first.name}` : `${others.length + 1} × ${what} (${first.name}, …)`
      return [
        {
          title: `${which} of ${first.cluster}: ${resourceVerbs[first.verb]}`,
          fields: first.fields.slice(0, mostFields),
          more: Math.max(0, first.fields.length - mostFields),
          causes: first.causes,
        },
      ]
    })
}
