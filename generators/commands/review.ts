// `npm run review`: what a change does, for the person who has to approve it. Reads Git and files; no cluster, no network.

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { dayOr, unwrap } from '../command-line/answer-readers.ts'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { today } from '../command-line/day.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { terminalProgress } from '../command-line/progress.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { GitHistory } from '../load/git-history.ts'
import { reviewFacts } from '../review/card/json.ts'
import { markdownCard } from '../review/card/markdown.ts'
import { textCard } from '../review/card/text.ts'
import { isEmpty, type Review } from '../review/review.ts'
import { compareStates } from './compare-states.ts'
import { comparePlatforms } from './platform-states.ts'

const formats = ['text', 'markdown', 'json'] as const
type Format = (typeof formats)[number]

export const review: Command = {
  name: 'review',
  summary: 'show fit, cost, risk and roll-out of a change, model by model',
  usage: `npm run review -- [--base REF] [--head REF] [--format text|markdown|json]
                  [--output FILE] [--full FILE] [--date DATE] [--json]
                  [--root DIR]

  --base REF     what to compare with: the commit where REF and the change part
                 (default: origin/main, else main)
  --head REF     the change (default: the files as they are, committed or not)
  --format F     text (default), markdown (a comment of a pull request), json
  --output FILE  write the card to FILE instead of standard output
  --full FILE    write the whole markdown card; a comment ends at 65,536
                 characters
  --date DATE    YYYY-MM-DD: the card says which reserved GPUs end soon after
                 (default: today)
  --json         same as --format json

  exit code 1: synth refuses the change; the card says why`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, {
    base: { type: 'string' },
    head: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string' },
    full: { type: 'string' },
    date: { type: 'string' },
  })
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" belongs to no option; the base is --base REF`)
  const format = values.json ? 'json' : readFormat(values.format ?? 'text')
  const root = readRoot(values.root)
  const history = new GitHistory(root)
  const progress = terminalProgress(output)
  const base = history.mergeBase(values.base ?? defaultBase(history), values.head ?? 'HEAD')
  const head = values.head === undefined ? undefined : history.commit(values.head)
  const found = compareStates(
    history,
    root,
    { base, head, date: unwrap(dayOr(values.date ?? today()), '--date') },
    progress.report,
    comparePlatforms,
  )
  progress.clear()
  const card = `${cardOf(found, format)}`
  if (values.output === undefined) output.out(card)
  else write(values.output, card)
  if (values.full !== undefined) write(values.full, markdownCard(found, { most: Number.POSITIVE_INFINITY }))
  return found.diagnostics.some(isError) ? 1 : 0
}

function readFormat(text: string): Format {
  const format = formats.find((one) => one === text)
  if (format !== undefined) return format
  const near = nearest(text, formats)
  throw new UsageError(`--format ${text}: write ${near ?? formats.join(', ')}`)
}

function defaultBase(history: GitHistory): string {
  try {
    return history.commit('origin/main')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return history.commit('main')
  }
}

function cardOf(found: Review, format: Format): string {
  if (format === 'json') return jsonReport(reviewFacts(found))
  if (format === 'markdown') return isEmpty(found) ? '' : markdownCard(found)
  return textCard(found)
}

function write(path: string, text: string): void {
  try {
    writeFileSync(resolve(path), text)
  } catch (error) {
    throw new Failure(`cannot write ${path}`, { cause: error })
  }
}
