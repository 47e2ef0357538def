// The card as GitHub Markdown: one comment that is found again by its marker and never grows too long.
import { type Diagnostic, isError } from '../../diagnostics/diagnostic.ts'
import { withoutFlood } from '../../diagnostics/report.ts'
import { visible, visibleLine } from '../../diagnostics/visible.ts'
import type { Capacity } from '../capacity.ts'
import type { Cause } from '../causes.ts'
import type { LeafChange } from '../leaves.ts'
import type { ModelRow } from '../model-rows.ts'
import type { Review } from '../review.ts'
import type { Risk } from '../risks/risk.ts'
import * as words from './words.ts'

/** First line of the comment; a later run finds it by this. */
export const marker = '<!-- slipway-review -->'

/** Characters that GitHub takes in a comment. */
export const commentLimit = 65_536

/** Kept for the line that says what was left out. */
const noticeLength = 400

/** `most`: characters; what does not fit is left out from the end, with a line that says so. */
export function markdownCard(review: Review, { most = commentLimit } = {}): string {
  const parts = [
    `${marker}\n### Slipway: ${words.headline(review)}\n`,
    ...refusal(review, most),
    ...modelTable(review, most),
    ...capacityTable(review.capacity),
    ...riskList(review.risks),
    ...warnings(review.diagnostics),
  ]
  return fit(parts, objectParts(review), most, summaryOf(review))
}

function summaryOf({ objects, resources }: Review): string {
  if (objects.length + resources.length === 0) return 'Fields that change'
  const where = [...(resources.length > 0 ? ['at AWS'] : []), ...(objects.length > 0 ? ['in the cluster'] : [])]
  return `What changes ${where.join(' and ')}, and the line that causes it`
}

function fit(parts: readonly string[], objects: readonly string[], most: number, summary: string): string {
  let card = ''
  let left = 0
  for (const part of parts) {
    if (card.length + part.length + noticeLength <= most) card += `${part}\n`
    else left += 1
  }
  const shown: string[] = []
  let length = card.length
  for (const part of objects) {
    if (length + part.length + noticeLength > most) break
    shown.push(part)
    length += part.length
  }
  left += objects.length - shown.length
  const title = `<details><summary>${summary}</summary>\n\n`
  if (shown.length > 0) card += `${title}${shown.join('')}\n</details>\n`
  if (left > 0)
    card += `\n_${words.count(left, 'further part')} did not fit into a comment; the full card is an artifact of the run, and \`npm run review -- --full FILE\` writes it._\n`
  return card
}

/** Text in a table cell or a sentence. */
const plain = (text: string): string => visibleLine(text.replaceAll('\n', ' ')).replace(/[\\`*_{}[\]<>|#~]/g, '\\$&')

/** A code span takes any text: its fence is longer than every run of backticks inside; a bar would end a table cell. */
function code(text: string): string {
  const inner = visible(text.replaceAll('\n', '⏎')).replaceAll('|', '\\|')
  const longest = Math.max(0, ...(inner.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  const space = inner.startsWith('`') || inner.endsWith('`') ? ' ' : ''
  return `${fence}${space}${inner}${space}${fence}`
}

function refusal({ diagnostics, stale }: Review, most: number): string[] {
  const errors = diagnostics.filter(isError)
  const lines = withinHalf(
    withoutFlood(errors).map((one) => (typeof one === 'string' ? `- ${plain(one)}` : diagnosticLine(one))),
    most,
  )
  return [
    ...(errors.length === 0
      ? []
      : [`> [!CAUTION]\n> Synth refuses this change; nothing of it can be applied.\n>\n${quote(lines)}\n`]),
    ...(stale.length === 0
      ? []
      : [
          `> [!CAUTION]\n> ${words.count(stale.length, 'rendered file')} ${stale.length === 1 ? 'is' : 'are'} not what the sources say: run \`npm run synth\` and commit the result.\n>\n${quote(some(stale.map((path) => `- ${code(path)}`)))}\n`,
        ]),
  ]
}

/** A part that does not fit is left out whole, and this one must be there. */
function withinHalf(lines: readonly string[], most: number): string[] {
  let left = most / 2
  const shown = lines.filter((line) => {
    left -= line.length
    return left > 0
  })
  return shown.length === lines.length ? shown : [...shown, '- and more: `npm run synth -- --check` shows them']
}

const quote = (lines: readonly string[]): string => lines.map((line) => `> ${line}`).join('\n')

const diagnosticLine = ({ code: name, position, message, hint }: Diagnostic): string =>
  `- **${name}** ${code(`${position.file}:${position.line}:${position.column}`)} ${plain(message)} → ${plain(hint)}`

const mostShown = 8
const some = (lines: readonly string[]): string[] =>
  lines.length <= mostShown ? [...lines] : [...lines.slice(0, mostShown), `- and ${lines.length - mostShown} more`]

/** More rows nobody reads in a comment. */
const mostRows = 40

function modelTable({ models, bills }: Review, most: number): string[] {
  if (models.length === 0) return []
  const head = '| model | change | pods | GPUs | $ a month | memory of one GPU, GiB | requests at once | cold start |'
  const rule = '|---|---|---|---|---|---|---|---|'
  const rows = Number.isFinite(most) && models.length > mostRows ? dearest(models).slice(0, mostRows) : models
  const left = models.length - rows.length
  const more = left === 0 ? [] : [`| ${left} more, which cost less | | | | | | | |`]
  const totals = bills.map(
    ({ cluster, before, after }) =>
      `| **all of ${cluster}** | | | | ${sides(words.dollars(before), words.dollars(after), '**', '<br>')} | | | |`,
  )
  const legend =
    '<sub>`█` weights `▓` runtime `░` KV cache `·` left alone by the engine. Requests at once × their tokens. On-demand prices of whole nodes; ≈ rests on assumptions.'
  const note = words.priceNote({ models, bills })
  return [
    `${[head, rule, ...rows.map(modelLine), ...more, ...totals].join('\n')}\n\n${legend}${note === '' ? '' : ` ${note}`}</sub>\n`,
  ]
}

/** Those first whose bill changes most, then those that cost most. */
const dearest = (models: readonly ModelRow[]): ModelRow[] => {
  const bill = (facts: ModelRow['after']): number => facts?.monthlyUsd.max ?? 0
  const weight = ({ before, after }: ModelRow): number => 1e6 * Math.abs(bill(after) - bill(before)) + bill(after)
  return [...models].sort((a, b) => weight(b) - weight(a))
}

const sides = (before: string, after: string, mark = '', gap = ' '): string =>
  before === after ? `${mark}${after}${mark}` : `${mark}${before}${mark}${gap}${mark}→ ${after}${mark}`

/** Cells are narrow: a line breaks before the arrow and nowhere else. */
const unbroken = (text: string): string => text.replaceAll(' → ', '<br>→ ').replaceAll(' ', '\u00a0')

function modelLine(row: ModelRow): string {
  const cells = [
    `**${row.model}**<br>${row.cluster}`,
    `${words.verbText(row)}<br>${words.rolloutText(row)}`,
    ...[words.pods, words.gpus, words.monthly].map((show) => unbroken(words.change(row, show))),
    memoryCell(row),
    ...[words.atOnce, words.start].map((show) => unbroken(words.change(row, show))),
  ]
  return `| ${cells.join(' | ')} |`
}

function memoryCell({ before, after }: ModelRow): string {
  const show = (facts: ModelRow['after']): string =>
    facts?.fit === undefined ? '–' : `${code(words.memoryBar(facts))}<br>${unbroken(words.memory(facts))}`
  const [old, fresh] = [show(before), show(after)]
  if (after === undefined) return old
  return before === undefined || old === fresh || before.fit === undefined ? fresh : `${old}<br>→<br>${fresh}`
}

function capacityTable(capacities: readonly Capacity[]): string[] {
  if (capacities.length === 0) return []
  const lines = capacities.map(
    ({ cluster, kind, before, after, limit }) =>
      `| ${cluster} | ${kind} | ${sides(String(before), String(after))} | ${limit} | ${limit - after < 0 ? `**${limit - after}**` : limit - after} |`,
  )
  return [
    `| cluster | GPU | GPUs of all nodes at most | may have | left |\n|---|---|---|---|---|\n${lines.join('\n')}\n`,
  ]
}

const signs: Record<Risk['level'], string> = { caution: '🛑', warning: '⚠️', note: 'ℹ️' }

const riskList = (risks: readonly Risk[]): string[] =>
  risks.length === 0 ? [] : [`**Look at**\n\n${foldRisks(risks).join('\n')}\n`]

/** The same sentence about many is said once. */
function foldRisks(risks: readonly Risk[]): string[] {
  const groups = Map.groupBy(risks, ({ level, text }) => `${level} ${text}`)
  return [...groups.values()].map((group) => {
    const [first] = group
    const places = [...new Set(group.map(({ where }) => where))]
    const shown =
      places.length <= 6 ? places.join(', ') : `${places.slice(0, 6).join(', ')} and ${places.length - 6} more`
    return `- ${signs[first?.level ?? 'note']} **${shown}** ${first?.text ?? ''}`
  })
}

function warnings(diagnostics: readonly Diagnostic[]): string[] {
  const lines = diagnostics.filter((one) => !isError(one)).map(diagnosticLine)
  return lines.length === 0 ? [] : [`**New warnings of synth**\n\n${some(lines).join('\n')}\n`]
}

function objectParts({ objects, sources, resources }: Review): string[] {
  const atAws = words.resourceLines(resources).map(resourcePart)
  if (objects.length + atAws.length === 0)
    return sources.map((one) => `- ${code(words.causeText(words.sourceCause(one)))}\n`)
  const inCluster = objects.map((group) => {
    const common = words.commonCauses(group)
    const fields = group.fields.map((field) =>
      fieldLine(field, common.length > 0 ? [] : (group.causes.get(field.path) ?? [])),
    )
    return `- **${plain(words.groupTitle(group))}**${because(common)}\n${fields.join('')}`
  })
  return [...atAws, ...inCluster]
}

const resourcePart = ({ title, fields, more, causes }: words.ResourceLine): string =>
  `- **${plain(title)}**${because(causes.map((one) => ({ field: '', ...one })))}\n${fields.map((field) => fieldLine(field, [])).join('')}${more === 0 ? '' : `  - and ${more} more\n`}`

const because = (causes: readonly Cause[]): string =>
  causes.length === 0 ? '' : ` ← ${causes.map((one) => code(words.causeText(one))).join(', ')}`

function fieldLine(field: LeafChange, causes: readonly Cause[]): string {
  const { before, after } = words.leafTexts(field)
  const value =
    before === undefined
      ? `+ ${code(after ?? '')}`
      : after === undefined
        ? `− ${code(before)}`
        : `${code(before)} → ${code(after)}`
  return `  - ${code(field.path)}: ${value}${because(causes)}\n`
}
