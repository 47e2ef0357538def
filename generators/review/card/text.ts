// The card for a terminal, at most 80 columns wide where names allow it.
import { formatTerminal, withoutFlood } from '../../diagnostics/report.ts'
import type { LeafChange } from '../leaves.ts'
import type { ModelRow } from '../model-rows.ts'
import type { GroupWithCauses, Review } from '../review.ts'
import * as words from './words.ts'

const width = 80

export function textCard(review: Review): string {
  const parts = [
    `${words.headline(review)}.`,
    ...withoutFlood(review.diagnostics).map((one) => (typeof one === 'string' ? one : formatTerminal(one))),
    ...(review.stale.length === 0 ? [] : [staleText(review.stale)]),
    ...review.models.map(modelText),
    ...review.bills.map(
      ({ cluster, before, after }) =>
        `all models of ${cluster}: ${words.dollars(before)} → ${words.dollars(after)} a month (${words.dollarDifference(before, after)})`,
    ),
    ...(words.priceNote(review) === '' ? [] : [words.priceNote(review)]),
    ...review.capacity.map(
      ({ cluster, kind, before, after, limit }) =>
        `${cluster}: nodes with ${before} → ${after} of ${limit} ${kind} at most, ${limit - after} left`,
    ),
    ...review.risks.map(({ level, where, text }) => wrap(`${level}: ${where} ${text.replaceAll('`', '')}`, '  ')),
    ...words.resourceLines(review.resources).map(resourceText),
    ...review.objects.map(groupText),
  ]
  return `${parts.join('\n')}\n`
}

const staleText = (stale: readonly string[]): string =>
  [
    `${words.count(stale.length, 'rendered file')} not what the sources say; run npm run synth:`,
    ...stale.slice(0, 8).map((path) => `  ${path}`),
    ...(stale.length > 8 ? [`  and ${stale.length - 8} more`] : []),
  ].join('\n')

function modelText(row: ModelRow): string {
  const lines = [
    `\n${row.model} in ${row.cluster}: ${words.verbText(row)}; ${words.rolloutText(row)}`,
    `  pods       ${words.change(row, words.pods)}`,
    `  GPUs       ${words.change(row, words.gpus)}`,
    `  a month    ${words.change(row, words.monthly)}`,
  ]
  const { before, after } = row
  if (before?.fit ?? after?.fit) {
    const seen = new Set<string>()
    for (const facts of [before, after]) {
      const line = facts?.fit === undefined ? '' : `${words.memoryBar(facts)}  ${words.memory(facts)} GiB`
      if (line === '') continue
      if (!seen.has(line)) lines.push(`  ${seen.size === 0 ? 'memory  ' : '      → '}   ${line}`)
      seen.add(line)
    }
    lines.push(`  at once    ${words.change(row, words.atOnce)} tokens`)
  }
  lines.push(`  cold start ${words.change(row, words.start)}`)
  lines.push(`  NAT/start  ${words.change(row, words.throughNat)}`)
  return lines.join('\n')
}

const resourceText = ({ title, fields, more, causes }: words.ResourceLine): string =>
  [
    `\n${wrap(title, '  ')}`,
    ...causes.map((cause) => `    because of ${words.causeText({ field: '', ...cause })}`),
    ...fields.flatMap((field) => [`  ${field.path}`, `    ${valueText(field)}`]),
    ...(more === 0 ? [] : [`  and ${more} more`]),
  ].join('\n')

function valueText(field: LeafChange): string {
  const { before, after } = words.leafTexts(field)
  return before === undefined ? `+ ${after}` : after === undefined ? `- ${before}` : `${before} → ${after}`
}

function groupText(group: GroupWithCauses): string {
  const common = words.commonCauses(group)
  return [
    `\n${wrap(words.groupTitle(group), '  ')}`,
    ...common.map((cause) => `    because of ${words.causeText(cause)}`),
    ...group.fields.flatMap((field) => {
      const own = common.length > 0 ? [] : (group.causes.get(field.path) ?? [])
      return [
        `  ${field.path}`,
        `    ${valueText(field)}`,
        ...own.map((cause) => `      because of ${words.causeText(cause)}`),
      ]
    }),
  ].join('\n')
}

function wrap(text: string, indent: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    const next = last === '' ? word : `${last} ${word}`
    if (next.length <= width || last === '') lines[lines.length - 1] = next
    else lines.push(`${indent}${word}`)
  }
  return lines.join('\n')
}
