// First line of a page that is made from tables of the program.

export const generatedLine = (source: string): string =>
  `<!-- Generated from ${source} by npm run reference; do not edit. -->`
