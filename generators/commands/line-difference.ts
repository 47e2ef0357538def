// The first lines in which two texts differ, as a short unified diff.

const context = 2
const mostLines = 12

/** Common start and end are cut off; what is between is shown as removed and added lines. */
export function lineDifference(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1
  let end = 0
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1
  const lines = [
    `  @@ line ${start + 1} @@`,
    ...old.slice(Math.max(0, start - context), start).map((line) => `    ${line}`),
    ...cut(old.slice(start, old.length - end)).map((line) => `  - ${line}`),
    ...cut(fresh.slice(start, fresh.length - end)).map((line) => `  + ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

const cut = (lines: string[]): string[] =>
  lines.length <= mostLines ? lines : [...lines.slice(0, mostLines), `… ${lines.length - mostLines} more lines`]
