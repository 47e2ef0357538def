// Tables as text for a terminal.

/** Columns are two blanks apart; those after the first `words` hold numbers, and are aligned to the right. */
export function alignedLines(rows: readonly (readonly string[])[], words = Number.POSITIVE_INFINITY): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number): string =>
    column < words ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(pad).join('  ').trimEnd())
}
