// Puts the program of upstream and the edits of this copy together, as a tree in Git; the work tree is not touched.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../command-line/command.ts'
import { type Choice, mergeTrees, type Step } from '../../upgrade/merge-trees.ts'
import type { Git } from './git.ts'

export interface Conflict {
  file: string
  /** Of this copy’s file. */
  line: number
  why: string
}

export interface Merged {
  /** Undefined with a conflict. */
  tree: string | undefined
  /** Upstream’s as they are, files that go included. */
  taken: string[]
  /** Lines of both. */
  merged: string[]
  conflicts: Conflict[]
}

export interface Choices {
  keep: readonly string[]
  take: readonly string[]
}

const names = (paths: readonly string[], path: string): boolean =>
  paths.some((one) => path === one || path.startsWith(`${one.replace(/\/$/, '')}/`))

export function mergeProgram(
  git: Git,
  commits: { base: string; ours: string; theirs: string },
  choices: Choices,
  scratch: string,
): Merged {
  const trees = { base: git.files(commits.base), ours: git.files(commits.ours), theirs: git.files(commits.theirs) }
  const used = new Set<string>()
  const chosen = (path: string): Choice | undefined => {
    const choice = names(choices.keep, path) ? 'keep' : names(choices.take, path) ? 'take' : undefined
    if (choice !== undefined) used.add(path)
    return choice
  }
  const steps = mergeTrees(trees, chosen)
  refuseUnused(choices, [...used])
  const entries: string[] = []
  const found: Merged = { tree: undefined, taken: [], merged: [], conflicts: [] }
  for (const step of steps) {
    const done = carryOut(git, step, scratch)
    if ('conflict' in done) found.conflicts.push(done.conflict)
    else {
      found[step.kind === 'take' ? 'taken' : 'merged'].push(step.path)
      entries.push(done.entry)
    }
  }
  return found.conflicts.length > 0 ? found : { ...found, tree: writeTree(git, commits.ours, entries, scratch) }
}

function refuseUnused({ keep, take }: Choices, used: readonly string[]): void {
  const unused = [...keep, ...take].find((one) => !used.some((path) => names([one], path)))
  if (unused !== undefined)
    throw new UsageError(`${unused} is no file that you and upstream both changed; --keep and --take are for these`)
}

/** A line of `git update-index --index-info`; without an entry the file goes, and any hash will do. */
const entryLine = (path: string, entry: string | undefined, hash = ''): string =>
  entry === undefined ? `0 ${hash}\t${path}` : `${entry}\t${path}`

function carryOut(git: Git, step: Step, scratch: string): { entry: string } | { conflict: Conflict } {
  const { path } = step
  if (step.kind === 'take') return { entry: entryLine(path, step.entry, git.commit('HEAD')) }
  if (step.kind === 'conflict') return { conflict: { file: path, line: 1, why: step.why } }
  const folder = mkdtempSync(join(scratch, 'merge-'))
  const files = (
    [
      ['ours', step.ours],
      ['base', step.base],
      ['theirs', step.theirs],
    ] as const
  ).map(([name, entry]) => {
    const file = join(folder, name)
    writeFileSync(file, git.ask(['cat-file', 'blob', entry.split(' ')[1] ?? '']).out)
    return file
  })
  const { status, out } = git.ask(['merge-file', '-p', ...files])
  // The number of conflicts, at most 127; more: it is no text.
  if (status === null || status > 127)
    return { conflict: { file: path, line: 1, why: 'you and upstream both changed it, and it is no text' } }
  if (status > 0) {
    const line =
      out
        .toString()
        .split('\n')
        .findIndex((text) => text.startsWith('<<<<<<< ')) + 1
    return { conflict: { file: path, line, why: 'you and upstream changed the same lines' } }
  }
  const hash = git.run(['hash-object', '-w', '--stdin'], { input: out })
  const [oursMode, baseMode, theirsMode] = [step.ours, step.base, step.theirs].map((entry) => entry.split(' ')[0])
  return { entry: entryLine(path, `${oursMode === baseMode ? theirsMode : oursMode} ${hash}`) }
}

function writeTree(git: Git, ours: string, entries: readonly string[], scratch: string): string {
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  git.run(['read-tree', ours], { env })
  const input = entries.map((line) => `${line}\0`).join('')
  git.run(['update-index', '-z', '--index-info'], { env, input })
  return git.run(['write-tree'], { env })
}
