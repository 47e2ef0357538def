// How the change of one field is judged: the rows of the tables beside this file, and what most rows are made of.
import { visibleLine } from '../../diagnostics/visible.ts'
import { graver, type RiskLevel } from '../risks/risk.ts'

/** `undefined`: not there, and no default is known. */
export interface Values {
  before: unknown
  after: unknown
}

/** The text goes on after the field's name. */
export type Verdict = [level: RiskLevel, text: string]

export type Judge = (values: Values) => Verdict | undefined

export interface Judged {
  judge: Judge
}

/** What a change of one field means; a field has exactly one of these. */
export type FieldRow =
  | Judged
  /** Rules over plans, objects or the platform that judge what comes of the field, by their names. */
  | { by: readonly string[] }
  /** The row of a field above it, which is judged as one. */
  | { within: string }
  /** Why nobody has to look. */
  | { none: string }

/** By the field's dotted name as docs/reference/fields.md has it: `*` is any key of a map, `[]` an item of a list. */
export type FieldTable = Readonly<Record<string, FieldRow>>

export const none = (why: string): FieldRow => ({ none: why })
export const by = (...rules: string[]): FieldRow => ({ by: rules })
export const within = (field: string): FieldRow => ({ within: field })

const longest = 60

/** A value of a file in a sentence. No character of it is Markdown. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return value.toLocaleString('en-US')
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const line = visibleLine(text.replaceAll('\n', ' ')).replaceAll('`', '’')
  return `\`${line.length <= longest ? line : `${line.slice(0, longest - 1)}…`}\``
}

const arrow = ({ before, after }: Values): string => `${shown(before)} → ${shown(after)}`

/** Any other value is the same risk. */
export const changes = (level: RiskLevel, text: string): Judged => ({
  judge: (values) => [level, ` ${arrow(values)}: ${text}`],
})

/** What it says when it comes, goes, or is another one. */
export const section = (texts: { added?: Verdict; removed?: Verdict; changed?: Verdict }): Judged => ({
  judge: ({ before, after }) =>
    afterName(before === undefined ? texts.added : after === undefined ? texts.removed : texts.changed),
})

const afterName = (verdict: Verdict | undefined): Verdict | undefined => verdict && [verdict[0], `: ${verdict[1]}`]

const itemsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))) : []

const few = (items: readonly string[]): string =>
  `${items.slice(0, 3).map(shown).join(', ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''}`

/** A list whose order says nothing; what is added weighs more than what goes. */
export const list = (texts: { added?: Verdict; removed?: Verdict }): Judged => ({
  judge({ before, after }) {
    const [old, fresh] = [itemsOf(before), itemsOf(after)]
    const came = fresh.filter((item) => !old.includes(item))
    const went = old.filter((item) => !fresh.includes(item))
    const added: Verdict | undefined =
      came.length > 0 && texts.added ? [texts.added[0], ` adds ${few(came)}: ${texts.added[1]}`] : undefined
    const removed: Verdict | undefined =
      went.length > 0 && texts.removed ? [texts.removed[0], ` drops ${few(went)}: ${texts.removed[1]}`] : undefined
    return added && removed ? [graver(added[0], removed[0]), `${added[1]} It${removed[1]}`] : (added ?? removed)
  },
})

/** Where growth begins to matter, by how many times it is of what it was. */
export type Steps = readonly [times: number, level: RiskLevel][]

/** Twice is worth a word, ten times costs, a hundred times is no limit any more. */
export const growth: Steps = [
  [100, 'caution'],
  [10, 'warning'],
  [2, 'note'],
]

export const levelOf = (before: number, after: number, steps: Steps): RiskLevel | undefined =>
  steps.find(([times]) => after >= before * times)?.[1]

/** A number that means more or less of the same. A value that is not there is no limit. */
export const amount = (texts: { more?: [Steps, string]; less?: Verdict; gone?: Verdict }): Judged => ({
  judge(values) {
    const { before, after } = values
    if (typeof after !== 'number') return typeof before === 'number' ? afterName(texts.gone) : undefined
    if (typeof before !== 'number') return undefined
    if (after < before) return texts.less && [texts.less[0], ` ${arrow(values)}: ${texts.less[1]}`]
    const level = texts.more && levelOf(before, after, texts.more[0])
    return level && texts.more && [level, ` ${arrow(values)}: ${texts.more[1]}`]
  },
})

/** What is said of each of two values. */
export const flag = (texts: { on?: Verdict; off?: Verdict }): Judged => ({
  judge: ({ after }) => afterName(after === true ? texts.on : texts.off),
})
