// Further command-line flags of an engine, checked against the list recorded from that version's own parser.
import { didYouMean, nearest, sense } from '../diagnostics/nearest.ts'
import type { Bounds, Engine, Flags } from '../engines/engine.ts'
import { type FlagUse, type FlagWord, readFlagUses, valuesOf } from '../engines/flag-uses.ts'
import { readObject, readSize } from '../engines/value-forms.ts'
import type { Report } from './findings.ts'

const place = (index: number) => ['engine', 'extraArgs', index]

/**
 * Reports flags that this version does not know, that a field or the platform owns, and values that are missing or wrong.
 * A flag must be written whole: the parser takes any unambiguous beginning, whose meaning a later version may change.
 */
export function checkExtraArgs(
  engine: Engine,
  flags: Flags,
  args: readonly string[],
  report: Report,
  bounds: Bounds = {},
): void {
  if (args.length === 0) return
  const { uses, strays } = readFlagUses(args)
  // Both forms of a switch: one that the platform sets must not be taken back.
  const owned = new Set(engine.ownedFlags.map((flag) => sense(flag).stem))
  for (const word of strays) reportStray(word, report)
  for (const use of uses) {
    const kind = Object.hasOwn(flags, use.flag) ? flags[use.flag] : undefined
    if (kind === undefined) reportUnknown(engine, flags, use, report)
    else if (owned.has(sense(use.flag).stem)) {
      const message = `${use.flag} is set by a field of the model file or by the platform`
      const field = engine.options.find((option) => flagOf(option) === use.flag)
      const hint = field === undefined ? `remove it; fields: ${engine.options.join(', ')}` : `write engine.${field}`
      report('ENGINE_ARGUMENT_OWNED', place(use.index), message, hint)
    } else checkValues(use, kind, { flags, bounds: bounds[use.flag] }, report)
  }
}

const flagOf = (option: string): string => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function reportUnknown({ name, goneFlags = {} }: Engine, flags: Flags, { flag, index }: FlagUse, report: Report): void {
  const [whole = '', ...keys] = flag.split('.')
  const near = nearest(flag, Object.keys(flags))
  const hint =
    keys.length > 0 && flags[whole] === 'json'
      ? `write it as JSON: ${whole}={"${keys.join('":{"')}": …${'}'.repeat(keys.length)}`
      : !flag.startsWith('--')
        ? 'write flags whole, with two dashes'
        : Object.hasOwn(goneFlags, flag)
          ? (goneFlags[flag] ?? '')
          : near === undefined
            ? `see ${name}'s own help`
            : `did you mean ${near}?`
  report('ENGINE_ARGUMENT_UNKNOWN', place(index), `this version of ${name} has no flag ${flag}`, hint)
}

const reportStray = ({ text, index }: FlagWord, report: Report): void =>
  report(
    'ENGINE_ARGUMENT_VALUE',
    place(index),
    `"${text}" belongs to no flag`,
    'write a flag with two dashes before it, or remove it',
  )

function checkValues(
  use: FlagUse,
  kind: Flags[string],
  { flags, bounds }: { flags: Flags; bounds: Bounds[string] | undefined },
  report: Report,
): void {
  const { flag, index, value, words } = use
  if (kind === 'switch') {
    const [word, ...more] = valuesOf(use)
    if (word !== undefined)
      report(
        'ENGINE_ARGUMENT_VALUE',
        place(word.index),
        `${flag} takes no value, but has "${word.text}"`,
        `write ${switchFor(flag, word.text, flags)}`,
      )
    for (const one of more) reportStray(one, report)
    return
  }
  const free = value !== undefined ? 0 : kind === 'list' ? words.length : 1
  for (const word of words.slice(free)) reportStray(word, report)
  const taken = [...(value === undefined ? [] : [{ text: value, index }]), ...words.slice(0, free)]
  if (taken.length === 0 && kind !== 'optional') {
    report('ENGINE_ARGUMENT_VALUE', place(index), `${flag} needs a value`, `write ${flag}=${sample(kind)}`)
  }
  for (const word of taken) {
    const wanted = wrongForm(word.text, kind) ?? outOfBounds(word.text, bounds)
    if (wanted !== undefined)
      report('ENGINE_ARGUMENT_VALUE', place(word.index), `${flag} cannot be "${word.text}"`, wanted)
  }
}

/** The form of a switch that means what a person wrote as its value. */
function switchFor(flag: string, text: string, flags: Flags): string {
  if (!/^(?:false|0|no|off|none)$/i.test(text)) return flag
  const { stem, off } = sense(flag)
  const other = Object.keys(flags).find((one) => sense(one).stem === stem && sense(one).off !== off)
  return other ?? `nothing: ${flag} has no other form`
}

const samples = {
  value: 'VALUE',
  list: 'VALUE',
  integer: '8',
  number: '0.5',
  size: '8192',
  json: '{"KEY": VALUE}',
} as const

const sample = (kind: Flags[string]): string =>
  typeof kind === 'string' ? samples[kind as keyof typeof samples] : (kind?.[0] ?? 'VALUE')

/** `None` and `auto` are no numbers, and have none. */
function outOfBounds(text: string, bounds: Bounds[string] | undefined): string | undefined {
  const value = readSize(text) ?? Number(text)
  if (bounds === undefined || Number.isNaN(value)) return undefined
  const { ge = -Infinity, gt = -Infinity, le = Infinity, lt = Infinity } = bounds
  if (value >= ge && value > gt && value <= le && value < lt) return undefined
  const limits = { ge: 'at least', gt: 'more than', le: 'at most', lt: 'less than' }
  return `write ${Object.entries(bounds)
    .map(([key, limit]) => `${limits[key as keyof typeof limits]} ${limit}`)
    .join(' and ')}`
}

/** What to write instead; undefined: the parser takes it. */
function wrongForm(text: string, kind: Flags[string]): string | undefined {
  if (kind !== undefined && typeof kind !== 'string')
    return kind.includes(text) ? undefined : `${didYouMean(text, kind)}allowed: ${kind.join(', ')}`
  // "Not set", for every flag that need not be (optional_type, vllm/engine/arg_utils.py).
  if (text === 'None') return undefined
  const isRight = {
    integer: () => /^[+-]?\d+$/.test(text),
    number: () => text.trim() !== '' && Number.isFinite(Number(text)) && !/^0[xob]/i.test(text),
    size: () => /^-1$|^auto$/i.test(text) || readSize(text) !== undefined,
    json: () => readObject(text) !== undefined,
  }[kind as string]
  if (isRight === undefined || isRight()) return undefined
  return `write ${{ integer: 'a whole number', number: 'a number', size: 'a whole number, or one with k, K, m, M: 8k', json: 'JSON: {"KEY": VALUE}' }[kind as string]}`
}
