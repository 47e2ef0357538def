// "did you mean": the known word that was probably meant.

/**
 * Edits to get from `a` to `b`: insert, delete, replace, swap neighbours (Damerau-Levenshtein, optimal string alignment). From
 * `enough` on any number that is not smaller: a file may have ten thousand unknown keys.
 */
function distance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      current.push(best)
    }
    // A swap reaches back two rows, and adds one.
    if (Math.min(...current) >= enough && Math.min(...last) + 1 >= enough) return enough
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}

/** A slip in the word that switches must not turn the sense around. */
const isAlmost = (part: string, word: string): boolean => part[0] === word[0] && distance(part, word, 3) <= 2

/** A word without what switches it on or off: `--no-enable-x` and `--disable-x` are both x, off. */
export function sense(word: string): { stem: string; off: boolean } {
  const parts = word.toLowerCase().split(/[-_]/)
  const isOff = (part: string): boolean => part === 'no' || part === 'not' || isAlmost(part, 'disable')
  const stem = parts.filter((part) => part !== '' && !isOff(part) && !isAlmost(part, 'enable')).join('-')
  return { stem, off: parts.filter(isOff).length % 2 === 1 }
}

/**
 * The candidate with the same sense in another form, else the closest one within a third of the word’s length (at least 2 edits);
 * undefined when none is close. Never one that means the opposite.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  // A pasted page is no typing mistake, and the distance costs the product of both lengths.
  if (word.length > 100) return undefined
  const limit = Math.max(2, Math.floor(word.length / 3))
  let found: string | undefined
  let best = limit + 1
  const lower = word.toLowerCase()
  const wanted = sense(word)
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    // The sense of a candidate that cannot win is not looked at.
    const isForm = wanted.stem !== '' && other.endsWith(wanted.stem) && sense(other).stem === wanted.stem
    const edits = isForm ? 0 : distance(lower, other, best)
    if (edits < best && sense(other).off === wanted.off) {
      best = edits
      found = candidate
    }
  }
  return found
}

/** ` (did you mean "x"?)`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates)
  return near === undefined ? '' : `did you mean "${near}"? `
}
