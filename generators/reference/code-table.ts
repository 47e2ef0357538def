// generators/diagnostics/README.md: every diagnostic code, from the table that declares them.
import { codes } from '../diagnostics/codes.ts'
import type { RenderedFile } from '../write/rendered-file.ts'

export const codeTable = (): RenderedFile => ({
  path: 'generators/diagnostics/README.md',
  text: [
    '<!-- Generated from generators/diagnostics/codes.ts by npm run synth; do not edit. -->',
    '# Diagnostics',
    '',
    'What synth says about a file: `CODE file:line:column message -> hint`. All problems of all files are reported in one run;',
    'with an error nothing is written. Each code has one example in [../test/invalid](../test/invalid).',
    '',
    '| code | level | meaning |',
    '|---|---|---|',
    ...Object.entries(codes).map(([code, { level, meaning }]) => `| \`${code}\` | ${level} | ${meaning} |`),
    '',
  ].join('\n'),
})
