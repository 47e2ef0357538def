// `npm run upgrade`: takes the program of another version from upstream, leaves what is yours, and shows what would roll. Writes all or nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { terminalProgress } from '../command-line/progress.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { newSections } from './upgrade/changelog.ts'
import { Git } from './upgrade/git.ts'
import { type Choices, type Conflict, type Merged, mergeProgram } from './upgrade/merge.ts'
import { type Stage, withStage, writeWorkTree } from './upgrade/stage.ts'
import { addressOf, baseOf, fetchCommit, record, versionsOf } from './upgrade/upstream.ts'

export const upgrade: Command = {
  name: 'upgrade',
  summary: 'take the program of another version from upstream, and show what would roll',
  usage: `npm run upgrade -- --to VERSION [--from URL] [--base VERSION]
                   [--keep PATH]... [--take PATH]... [--unrendered]
                   [--check] [--json] [--root DIR]

  --to VERSION    tag of upstream (a branch or commit will do)
  --from URL      repository of upstream (default: the remote "upstream")
  --base VERSION  what this copy was made from (default: the record of the last
                  upgrade, the tag of its version, or the common history)
  --keep PATH     of a file that both changed: keep yours (may be repeated)
  --take PATH     of a file that both changed: take upstream’s (likewise)
  --unrendered    also when synth refuses: takes the program, renders nothing
  --check         change nothing, show everything

  Models, tenants, gateway, images and clusters stay yours; fields that moved
  are moved in them. Edits of yours in the program are merged. The change is
  in the work tree and the index, for you to look at and to commit.
  exit code 1: both changed the same lines, or synth refuses; nothing is written`,
  run,
}

const signals = ['SIGINT', 'SIGTERM'] as const

const list = { type: 'string', multiple: true, default: [] as string[] } as const

interface Wanted extends Choices {
  root: string
  to?: string
  from?: string
  base?: string
  check: boolean
  unrendered: boolean
}

/** What `--json` prints. */
interface Result extends Omit<Merged, 'tree'> {
  from: string
  to: string
  commit: string
  migrated: { file: string; fields: { field: string; says: string }[] }[]
  rendered: number
  diagnostics: Diagnostic[]
  changelog: string[]
  card: string
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, {
    to: { type: 'string' },
    from: { type: 'string' },
    base: { type: 'string' },
    keep: list,
    take: list,
    unrendered: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  })
  if (positionals.length > 0)
    throw new UsageError(`"${positionals[0]}" belongs to no option; a version is --to VERSION`)
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-upgrade-'))
  // With a listener Ctrl-C ends the program that runs just then, and what is here is put away.
  const listen = (): void => {}
  for (const signal of signals) process.on(signal, listen)
  try {
    const result = upgradeIn(scratch, { ...values, root: readRoot(values.root) }, output)
    const ok = result.conflicts.length === 0 && (result.diagnostics.length === 0 || values.unrendered)
    const { diagnostics, ...rest } = result
    if (values.json) output.out(jsonReport({ ok, diagnostics, result: rest }))
    else if (result.conflicts.length > 0) reportConflicts(result, output)
    else report(result, values.check, ok, output)
    return ok ? 0 : 1
  } finally {
    for (const signal of signals) process.removeListener(signal, listen)
    rmSync(scratch, { recursive: true, force: true })
  }
}

function upgradeIn(scratch: string, wanted: Wanted, output: Output): Result {
  const git = new Git(wanted.root, scratch)
  refuseUnsaved(git)
  const progress = terminalProgress(output)
  progress.report('fetch')
  const versions = versionsOf(git, addressOf(git, wanted.from))
  const target = fetchCommit(git, versions, wanted.to)
  const base = wanted.base === undefined ? baseOf(git, versions, target) : fetchCommit(git, versions, wanted.base)
  refuseBackwards(git, base, target, wanted.to ?? '')
  const { tree, ...merged } = mergeProgram(git, { base, ours: 'HEAD', theirs: target }, wanted, scratch)
  const found: Result = {
    ...merged,
    from: nameOf(versions.refs, base),
    to: nameOf(versions.refs, target),
    commit: target,
    migrated: [],
    rendered: 0,
    diagnostics: [],
    changelog: newSections(git.text(base, 'CHANGELOG.md') ?? '', git.text(target, 'CHANGELOG.md') ?? ''),
    card: '',
  }
  if (tree === undefined) return found
  return withStage(git, tree, scratch, (stage) => {
    progress.report('render')
    const ready = prepare(stage, wanted, found)
    progress.clear()
    if (!wanted.check && (ready.diagnostics.length === 0 || wanted.unrendered)) writeWorkTree(git, stage.tree())
    return ready
  })
}

/** By the new version’s own commands: they know its schemas, migrations and rules. */
function prepare(stage: Stage, { root, unrendered }: Wanted, found: Result): Result {
  stage.install(root)
  const { from, to, commit } = found
  writeFileSync(join(stage.folder, record), `${JSON.stringify({ version: to, commit }, undefined, 2)}\n`)
  const migrated = (JSON.parse(stage.command('migrate', '--json').out) as { result: { files: Result['migrated'] } })
    .result.files
  const { diagnostics, summary } = JSON.parse(stage.command('synth', '--json').out) as {
    diagnostics: Diagnostic[]
    summary: { written: number; deleted: number }
  }
  const errors = diagnostics.filter(({ level }) => level === 'error')
  const done = { ...found, from, migrated, diagnostics: errors, rendered: summary.written + summary.deleted }
  if (errors.length > 0 && !unrendered) return done
  return { ...done, card: stage.command('review', '--base', 'HEAD~1').out }
}

function refuseUnsaved(git: Git): void {
  const { status, out } = git.ask(['rev-parse', '--show-prefix'])
  if (status !== 0) throw new UsageError(`${git.root} is not in a Git repository`)
  if (out.toString().trim() !== '')
    throw new UsageError('this is a folder of a larger Git repository: merge by hand, and run npm run migrate')
  const changed = git.run(['status', '--porcelain']).split('\n').filter(Boolean)
  if (changed.length > 0)
    throw new UsageError(
      `commit or stash first: ${changed
        .slice(0, 5)
        .map((line) => line.trim().replace(/^\S+ +/, ''))
        .join(', ')}${changed.length > 5 ? ` and ${changed.length - 5} more` : ''}`,
    )
}

function refuseBackwards(git: Git, base: string, target: string, to: string): void {
  if (base === target) throw new UsageError(`this copy is at ${to} already`)
  if (git.isAncestor(target, base))
    throw new UsageError(`${to} is earlier than what this copy has; go back with git revert`)
}

function nameOf(refs: ReadonlyMap<string, { ref: string; commit: string }>, commit: string): string {
  const names = [...refs].filter(([, one]) => one.commit === commit)
  const [name] = names.find(([, { ref }]) => ref.startsWith('refs/tags/')) ?? names[0] ?? []
  return name ?? commit.slice(0, 12)
}

function report(result: Result, check: boolean, ok: boolean, output: Output): void {
  const { from, to, taken, merged, migrated, rendered, diagnostics, changelog, card } = result
  for (const section of changelog) output.out(`${section}\n\n`)
  for (const { file, fields } of migrated)
    for (const { field, says } of fields) output.out(`${file}: ${field}: ${says}\n`)
  printDiagnostics(diagnostics, output)
  if (!ok) {
    output.log(`${to} refuses these sources, and no migration knows how to change them; nothing was written.\n`)
    output.log(
      'With --unrendered the new program is taken all the same: then change what it names, and run npm run synth.\n',
    )
    return
  }
  if (card !== '') output.out(`${card}\n`)
  const counts = [
    `${count(taken.length, 'file')} of the program from upstream`,
    `${count(merged.length, 'file')} merged with edits of yours`,
    `${count(migrated.length, 'source file')} migrated`,
    `${count(rendered, 'rendered file')} changed`,
  ]
  output.out(`${from} → ${to}: ${counts.join(', ')}\n`)
  output.out(check ? 'nothing was written (--check)\n' : nextSteps(to))
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

const nextSteps = (to: string): string =>
  ['', 'Next:', '  npm ci', '  npm test', `  git commit -m "upgrade to ${to}"`, ''].join('\n')

function reportConflicts({ conflicts, to }: Result, output: Output): void {
  for (const { file, line, why } of conflicts) output.log(`${file}:${line}: ${why}\n`)
  const [first] = conflicts as [Conflict]
  output.log(
    `\n${conflicts.length === 1 ? 'One file' : `${conflicts.length} files`} differ here and in ${to}; nothing was written. For each of them:\n`,
  )
  output.log(`  --keep ${first.file}   keeps yours\n`)
  output.log(`  --take ${first.file}   takes upstream’s; yours stays in Git’s history\n`)
}
