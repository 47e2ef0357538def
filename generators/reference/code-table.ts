// docs/reference/messages.md: every diagnostic code, from the table that declares them.
import { codes, hubCodes } from '../diagnostics/codes.ts'
import type { RenderedFile } from '../write/rendered-file.ts'

export const codeTable = (): RenderedFile => ({
  path: 'docs/reference/messages.md',
  text: [
    '<!-- Generated from generators/diagnostics/codes.ts by npm run synth; do not edit. -->',
    '# Messages',
    '',
    'What synth says about a file: `CODE file:line:column message -> hint`. All problems of all files are reported in one run;',
    'with an error nothing is written. Each code has one example in [generators/test/invalid](../../generators/test/invalid).',
    '',
    ...table(codes),
    '',
    'What `npm run lock` says besides, about a model on the Hub; the locks of the other models are written all the same. Each code has one',
    'example in [lock.test.ts](../../generators/test/commands/lock.test.ts).',
    '',
    ...table(hubCodes),
    '',
  ].join('\n'),
})

const table = (entries: typeof codes | typeof hubCodes): string[] => [
  '| code | level | meaning |',
  '|---|---|---|',
  ...Object.entries(entries).map(([code, { level, meaning }]) => `| \`${code}\` | ${level} | ${meaning} |`),
]
