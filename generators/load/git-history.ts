// Reads another state of the repository out of Git: what differs, texts of files, and the sources laid out in a folder.
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../diagnostics/failure.ts'

const mostBytes = 1 << 30

interface Answer {
  status: number
  out: Buffer
  log: string
}

export class GitHistory {
  /** Root of the Slipway repository; may lie below the root of the Git repository. */
  readonly #root: string
  /** From the Git root to ours, with a slash at the end; empty when they are the same. */
  readonly #prefix: string

  /** Throws a Failure of one line when there is no Git or no repository. */
  constructor(root: string) {
    this.#root = root
    const { status, out, log } = this.#ask(['rev-parse', '--show-prefix'])
    if (status !== 0) throw new Failure(`${root} is not in a Git repository (${firstLine(log)})`)
    this.#prefix = out.toString().trimEnd()
  }

  /** The commit that a name means. */
  commit(name: string): string {
    const { status, out } = this.#ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
    if (status === 0) return out.toString().trim()
    const remote = /^([\w.-]+)\/(.+)$/.exec(name)
    const hint =
      remote === null
        ? 'give a branch, tag or commit that is here (--base REF)'
        : `fetch it: git fetch ${remote[1]} ${remote[2]}`
    throw new Failure(`Git knows no commit "${name}" here; ${hint}`)
  }

  /** The commit where the two part, as a pull request shows it. */
  mergeBase(base: string, head: string): string {
    const { status, out } = this.#ask(['merge-base', this.commit(base), this.commit(head)])
    if (status === 0) return out.toString().trim()
    const shallow = this.#ask(['rev-parse', '--is-shallow-repository']).out.toString().trim() === 'true'
    throw new Failure(
      shallow
        ? `this clone is shallow and does not reach the commit where ${base} and ${head} part; fetch the rest: git fetch --unshallow (actions/checkout: fetch-depth: 0)`
        : `${base} and ${head} have no commit in common; give a base that this branch was made from`,
    )
  }

  /** Paths that differ, sorted; without `head` the working tree counts, also files that Git does not know yet. */
  changed(base: string, head: string | undefined, folders: readonly string[]): string[] {
    const against = head === undefined ? [base] : [base, head]
    const differ = this.#paths([
      'diff',
      '--name-only',
      '--no-renames',
      '--relative',
      '-z',
      ...against,
      '--',
      ...folders,
    ])
    const others =
      head === undefined ? this.#paths(['ls-files', '--others', '--exclude-standard', '-z', '--', ...folders]) : []
    return [...new Set([...differ, ...others])].sort()
  }

  /** First line of the later state that differs in a file; 1 when the file came or went. */
  firstChangedLine(base: string, head: string | undefined, path: string): number {
    const against = head === undefined ? [base] : [base, head]
    const text = this.#run(['diff', '--unified=0', '--no-color', '--no-ext-diff', ...against, '--', path]).toString()
    return Math.max(1, Number(/^@@ -\S+ \+(\d+)/m.exec(text)?.[1] ?? 1))
  }

  /** Texts of files in a commit; a file that is not there is not in the map. */
  texts(commit: string, paths: readonly string[]): Map<string, string> {
    if (paths.length === 0) return new Map()
    const input = paths.map((path) => `${commit}:${this.#prefix}${path}\n`).join('')
    const out = this.#run(['cat-file', '--batch'], { input })
    const found = new Map<string, string>()
    let offset = 0
    for (const path of paths) {
      const end = out.indexOf('\n', offset)
      const header = out.toString('utf8', offset, end)
      offset = end + 1
      const size = / blob (\d+)$/.exec(header)?.[1]
      if (size === undefined) continue
      found.set(path, out.toString('utf8', offset, offset + Number(size)))
      offset += Number(size) + 1
    }
    return found
  }

  /** The same from the working tree. A symbolic link is the text of where it leads, as Git keeps it, and never followed. */
  workingTexts(paths: readonly string[]): Map<string, string> {
    return new Map(
      paths.flatMap((path) => {
        const file = join(this.#root, path)
        const stats = lstatSync(file, { throwIfNoEntry: false })
        if (stats === undefined || stats.isDirectory()) return []
        return [[path, stats.isSymbolicLink() ? readlinkSync(file) : readFileSync(file, 'utf8')]]
      }),
    )
  }

  /** Lays files of a commit out in a new temporary folder, gives it to `use`, and removes it. */
  withFiles<T>(commit: string, wanted: (path: string) => boolean, use: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-review-'))
    try {
      const tree = `${commit}:${this.#prefix}`
      const paths = this.#paths(['ls-tree', '-r', '--full-tree', '--name-only', '-z', tree]).filter(wanted)
      const env = { GIT_INDEX_FILE: join(folder, '.index') }
      this.#run(['read-tree', tree], { env })
      const input = paths.map((path) => `${path}\0`).join('')
      // The index holds our own tree alone, so Git must not add the name of the folder we are in.
      const top = this.#run(['rev-parse', '--show-toplevel']).toString().trimEnd()
      this.#run(['-C', top, 'checkout-index', '--force', '-z', '--stdin', `--prefix=${folder}/tree/`], { env, input })
      return use(join(folder, 'tree'))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  #paths(args: readonly string[]): string[] {
    return this.#run(args).toString().split('\0').filter(Boolean)
  }

  #run(args: readonly string[], options: Options = {}): Buffer {
    const { status, out, log } = this.#ask(args, options)
    if (status !== 0) throw new Failure(`git ${args.find((word) => /^[a-z]/.test(word))} failed: ${firstLine(log)}`)
    return out
  }

  #ask(args: readonly string[], { input, env }: Options = {}): Answer {
    const answer = spawnSync('git', ['-C', this.#root, ...args], {
      ...(input === undefined ? {} : { input }),
      env: { ...process.env, LC_ALL: 'C', ...env },
      maxBuffer: mostBytes,
    })
    if (answer.error !== undefined)
      throw new Failure('git cannot be started; is it installed?', { cause: answer.error })
    return { status: answer.status ?? 1, out: answer.stdout, log: answer.stderr.toString() }
  }
}

interface Options {
  input?: string | Buffer
  env?: Record<string, string>
}

const firstLine = (log: string): string => log.split('\n')[0]?.replace(/^fatal: /, '') ?? ''
