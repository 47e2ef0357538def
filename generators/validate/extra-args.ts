// Further command-line flags of an engine, checked against the list recorded from that version's own parser.
import { didYouMean, nearest } from '../diagnostics/nearest.ts'
import type { Engine, Flags } from '../engines/engine.ts'
import type { Report } from './findings.ts'

interface Word {
  text: string
  index: number
}

/** A flag with the value behind its `=`, and the words that follow up to the next flag. */
interface Use {
  flag: string
  index: number
  value: string | undefined
  words: Word[]
}

/** Words before the first flag belong to none. */
function groupByFlag(args: readonly string[]): { uses: Use[]; strays: Word[] } {
  const uses: Use[] = []
  const strays: Word[] = []
  for (const [index, text] of args.entries()) {
    if (!text.startsWith('--')) {
      ;(uses.at(-1)?.words ?? strays).push({ text, index })
      continue
    }
    const at = text.indexOf('=')
    const [flag, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
    uses.push({ flag, index, value, words: [] })
  }
  return { uses, strays }
}

const place = (index: number) => ['engine', 'extraArgs', index]

/**
 * Reports flags that this version does not know, that a field or the platform owns, and values that are missing or wrong.
 * A flag must be written whole: the parser takes any unambiguous beginning, whose meaning a later version may change.
 */
export function checkExtraArgs(engine: Engine, flags: Flags, args: readonly string[], report: Report): void {
  const { uses, strays } = groupByFlag(args)
  for (const word of strays) reportStray(word, report)
  for (const use of uses) {
    const kind = Object.hasOwn(flags, use.flag) ? flags[use.flag] : undefined
    if (kind === undefined) {
      const near = nearest(use.flag, Object.keys(flags))
      const hint = near === undefined ? `see ${engine.name}'s own help` : `did you mean ${near}?`
      report(
        'ENGINE_ARGUMENT_UNKNOWN',
        place(use.index),
        `this version of ${engine.name} has no flag ${use.flag}`,
        hint,
      )
    } else if (engine.ownedFlags.includes(use.flag)) {
      const message = `${use.flag} is set by a field of the model file or by the platform`
      report('ENGINE_ARGUMENT_OWNED', place(use.index), message, `remove it; fields: ${engine.options.join(', ')}`)
    } else checkValues(use, kind, report)
  }
}

const reportStray = ({ text, index }: Word, report: Report): void =>
  report(
    'ENGINE_ARGUMENT_VALUE',
    place(index),
    `"${text}" belongs to no flag`,
    'write a flag with two dashes before it, or remove it',
  )

function checkValues({ flag, index, value, words }: Use, kind: NonNullable<Flags[string]>, report: Report): void {
  if (kind === 'switch' && value !== undefined) {
    report('ENGINE_ARGUMENT_VALUE', place(index), `${flag} takes no value, but has "${value}"`, `write ${flag}`)
  }
  const free = kind === 'switch' || value !== undefined ? 0 : kind === 'list' ? words.length : 1
  for (const word of words.slice(free)) reportStray(word, report)
  const taken = [...(value === undefined ? [] : [{ text: value, index }]), ...words.slice(0, free)]
  if (taken.length === 0 && kind !== 'switch' && kind !== 'optional') {
    report('ENGINE_ARGUMENT_VALUE', place(index), `${flag} needs a value`, `write ${flag}=VALUE`)
  }
  if (typeof kind === 'string') return
  for (const word of taken.filter(({ text }) => !kind.includes(text))) {
    const hint = `${didYouMean(word.text, kind)}allowed: ${kind.join(', ')}`
    report('ENGINE_ARGUMENT_VALUE', place(word.index), `${flag} cannot be "${word.text}"`, hint)
  }
}
