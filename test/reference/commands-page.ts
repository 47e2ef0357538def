// docs/reference/commands.md: every npm script, with the text of its own `--help` where it has one.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from '../../generators/command-line/command.ts'
import { root } from '../source-files.ts'
import { generatedLine } from './generated-line.ts'
import { scriptsWithoutHelp } from './scripts-without-help.ts'

/** Programs whose help lists all settings: here it ends before them, after this many parts. */
const settingsOf: Readonly<Record<string, { parts: number; link: string }>> = {
  gateway: { parts: 2, link: '[Settings](settings.md#gateway)' },
  'model-server': { parts: 1, link: '[Options and variables](settings.md#model-server)' },
}

interface Entry {
  script: string
  /** What it does, in a sentence or two. */
  sentence: string
  /** Text of its help; undefined: there is none. */
  help?: string
}

const isCommand = (value: unknown): value is Command =>
  typeof value === 'object' && value !== null && 'usage' in value && 'summary' in value

async function commandsIn(pattern: string): Promise<Map<string, Command>> {
  const found = new Map<string, Command>()
  for (const file of globSync(pattern, { cwd: root }).sort()) {
    if (!readFileSync(join(root, file), 'utf8').includes(': Command = {')) continue
    for (const value of Object.values(await import(join(root, file))))
      if (isCommand(value)) found.set(value.name, value)
  }
  return found
}

const asSentence = (text: string): string => {
  const line = text.trim().split('\n\n')[0]?.replaceAll('\n', ' ').trim() ?? ''
  return `${line[0]?.toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`
}

/** A program that has no other command prints its help by itself. */
async function entryOf(script: string, line: string, own: ReadonlyMap<string, Command>): Promise<Entry> {
  const known = scriptsWithoutHelp[script]
  if (known !== undefined) return { script, sentence: known }
  const command = /generators\/main\.ts (\w+)/.exec(line)?.[1]
  const { summary, usage } = own.get(command ?? '') ?? {}
  if (summary !== undefined) return { script, sentence: asSentence(summary), help: usage ?? '' }
  const words = line
    .replace(/--import \S+ /, '')
    .split(' ')
    .slice(1)
  const { stdout } = await promisify(execFile)(process.execPath, [...words, '--help'], { cwd: root })
  const [first = '', ...rest] = stdout.trim().split('\n\n')
  return { script, sentence: asSentence(first), help: rest.slice(0, settingsOf[script]?.parts).join('\n\n') }
}

const more = (script: string): string[] =>
  script in settingsOf ? [`${settingsOf[script]?.link} are a page of their own.`, ''] : []

const call = (script: string): string => (['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`)
const anchor = (script: string): string => call(script).replaceAll(' ', '-').replaceAll(':', '')

export async function commandsPage(): Promise<string> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const own = await commandsIn('generators/commands/*.ts')
  const tasks = await commandsIn('.github/scripts/*.ts')
  const entries = await Promise.all(
    Object.entries(scripts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([script, line]) => entryOf(script, line, own)),
  )
  return [
    generatedLine('the programs’ own help'),
    '# Commands',
    '',
    'Options go after two dashes: `npm run synth -- --check`. Exit codes: 0 clean, 1 something to fix in your files, 2 a bug or a failed read or write.',
    '',
    '| command | what it does |',
    '|---|---|',
    ...entries.map(({ script, sentence, help }) => {
      const name = help === undefined ? `\`${call(script)}\`` : `[\`${call(script)}\`](#${anchor(script)})`
      return `| ${name} | ${sentence.replaceAll('|', '\\|')} |`
    }),
    '',
    ...entries.flatMap(({ script, help }) =>
      help === undefined ? [] : [`## ${call(script)}`, '', '```text', help.trim(), '```', '', ...more(script)],
    ),
    '## Tasks of npm run workflow',
    '',
    '| task | what it does |',
    '|---|---|',
    ...[...tasks.values()].map(({ name, summary }) => `| \`${name}\` | ${asSentence(summary)} |`),
    '',
  ].join('\n')
}
