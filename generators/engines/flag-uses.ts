// Extra command-line words of an engine, sorted by the flag that they belong to.

export interface FlagWord {
  text: string
  /** In the list of all words. */
  index: number
}

/** A flag with the value behind its `=`, and the words that follow up to the next flag. */
export interface FlagUse {
  flag: string
  index: number
  value: string | undefined
  words: FlagWord[]
}

/** Words before the first flag belong to none. */
export function readFlagUses(args: readonly string[]): { uses: FlagUse[]; strays: FlagWord[] } {
  const uses: FlagUse[] = []
  const strays: FlagWord[] = []
  for (const [index, text] of args.entries()) {
    // A single dash with a digit is a negative number.
    if (!/^-(?:-|[A-Za-z])/.test(text)) {
      ;(uses.at(-1)?.words ?? strays).push({ text, index })
      continue
    }
    const at = text.indexOf('=')
    const [flag, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
    uses.push({ flag, index, value, words: [] })
  }
  return { uses, strays }
}

/** Every value of a use, with its place; empty for a switch. */
export const valuesOf = ({ value, words, index }: FlagUse): FlagWord[] =>
  value === undefined ? words : [{ text: value, index }]

/** The parser keeps the last one. */
export const lastValue = (uses: readonly FlagUse[], flag: string): string | undefined => {
  const use = uses.findLast((one) => one.flag === flag)
  return use && valuesOf(use)[0]?.text
}
