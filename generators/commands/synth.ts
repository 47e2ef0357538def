// `npm run synth`: renders everything, or with --check compares only.

import { readArguments, readRoot } from '../command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { countDiagnostics, printDiagnostics } from '../command-line/print-diagnostics.ts'
import { terminalProgress } from '../command-line/progress.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { type Only, type Synthesized, synthesize } from '../pipeline.ts'
import { lineDifference } from './line-difference.ts'

export const synth: Command = {
  name: 'synth',
  summary: 'render apps/ and clusters/ into clusters/*/rendered',
  usage: `npm run synth -- [--check] [--only NAME]... [--cluster C]... [--json] [--root DIR]

  --check        write nothing; exit 1 and print the first differences when the tree is not what synth would write
  --only NAME    one model (may be repeated); rules across models are not checked then
  --cluster C    one cluster (may be repeated)
  --json         print one JSON object on standard output`,
  run,
}

interface Summary {
  models: number
  clusters: number
  files: number
  written: number
  deleted: number
  unchanged: number
  /** From process start to the end, and to the moment when every byte of every file is known. */
  seconds: number
  emittedSeconds: number
  peakMemoryMib: number
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, {
    check: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    cluster: { type: 'string', multiple: true, default: [] },
  })
  // `npm run synth --only x` without the two dashes hands npm the option and us the name alone: do not guess.
  const only: Only = { models: [...values.only, ...positionals], clusters: values.cluster }
  const progress = terminalProgress(output)
  let emittedMs = Number.NaN
  const result = synthesize(readRoot(values.root), only, {
    write: !values.check,
    progress(phase, done, total) {
      if (phase === 'compare') emittedMs = performance.now()
      progress.report(phase, done, total)
    },
  })
  progress.clear()
  const summary = summarize(result, emittedMs)
  const failed = result.diagnostics.some(isError)
  const stale = values.check && summary.written + summary.deleted > 0
  if (values.json) output.out(jsonReport({ ok: !failed && !stale, ...facts(result, summary) }))
  else {
    printDiagnostics(result.diagnostics, output)
    if (stale) printDifferences(result, output)
    output.out(`${sentence(summary, result, values.check)}\n`)
  }
  return failed || stale ? 1 : 0
}

function summarize({ plans, comparison }: Synthesized, emittedMs: number): Summary {
  return {
    models: new Set(plans.flatMap((plan) => plan.models.map(({ name }) => name))).size,
    clusters: plans.length,
    files: comparison === undefined ? 0 : comparison.unchanged + comparison.changed.length,
    written: comparison?.changed.length ?? 0,
    deleted: comparison?.stale.length ?? 0,
    unchanged: comparison?.unchanged ?? 0,
    seconds: Math.round(performance.now()) / 1000,
    emittedSeconds: Math.round(emittedMs) / 1000,
    peakMemoryMib: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

function sentence(summary: Summary, { diagnostics, comparison }: Synthesized, check: boolean): string {
  const seconds = `${summary.seconds.toFixed(2)} s`
  const problems = countDiagnostics(diagnostics)
  if (comparison === undefined || diagnostics.some(isError)) return `${problems}; nothing was written (${seconds})`
  const counts = check
    ? `${summary.written} differ, ${summary.deleted} stale, ${summary.unchanged} fresh`
    : `${summary.written} written, ${summary.deleted} deleted, ${summary.unchanged} unchanged`
  const scope = `${plural(summary.models, 'model')}, ${plural(summary.clusters, 'cluster')}, ${plural(summary.files, 'file')}`
  return `${scope}: ${counts} in ${seconds}${problems === '' ? '' : `; ${problems}`}`
}

const shownDifferences = 3

function printDifferences({ comparison }: Synthesized, output: Output): void {
  if (comparison === undefined) return
  for (const { file, before } of comparison.changed.slice(0, shownDifferences)) {
    output.log(`${before === undefined ? 'missing' : 'differs'}: ${file.path}\n`)
    if (before !== undefined) output.log(lineDifference(before, file.text))
  }
  for (const path of comparison.stale.slice(0, shownDifferences)) output.log(`stale: ${path}\n`)
  const more = comparison.changed.length + comparison.stale.length - 2 * shownDifferences
  if (more > 0) output.log(`and ${more} more\n`)
  output.log('The rendered tree is not what the sources say. Run `npm run synth` and commit the result.\n')
}

const facts = ({ diagnostics, comparison }: Synthesized, summary: Summary) => ({
  diagnostics,
  summary,
  result: {
    changed: comparison?.changed.map(({ file }) => file.path) ?? [],
    deleted: comparison?.stale ?? [],
  },
})
