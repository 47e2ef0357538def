// The part of CHANGELOG.md that a copy has not had yet.

const sections = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/^(?=## )/m)
      .slice(1)
      .map((section) => [section.split('\n')[0] ?? '', section.trimEnd()]),
  )

/** Sections of the later text whose heading the earlier one has not. */
export function newSections(before: string, after: string): string[] {
  const known = sections(before)
  return [...sections(after)].filter(([heading]) => !known.has(heading)).map(([, section]) => section)
}
