// Git as an upgrade needs it: in the repository and in the copy where it is made ready, without hooks and without the user’s ignore file.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../diagnostics/failure.ts'

export interface Answer {
  status: number | null
  out: Buffer
  log: string
}

interface Options {
  input?: string | Buffer
  env?: Record<string, string>
}

const mostBytes = 1 << 30

/** Settings for one run, behind those that the environment has already. */
function settings(values: Record<string, string>): Record<string, string> {
  const first = Number(process.env.GIT_CONFIG_COUNT ?? 0)
  const entries = Object.entries(values)
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(first + entries.length)],
    ...entries.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${first + index}`, key],
      [`GIT_CONFIG_VALUE_${first + index}`, value],
    ]),
  ])
}

export class Git {
  readonly root: string
  /** For programs that are started and call Git themselves. */
  readonly env: Record<string, string>

  /** @param scratch a folder of this run */
  constructor(root: string, scratch: string) {
    this.root = root
    const ignored = join(scratch, 'ignored')
    // A link is no folder, so the pattern of .gitignore does not name it.
    writeFileSync(ignored, 'node_modules\n')
    this.env = { LC_ALL: 'C', ...settings({ 'core.hooksPath': devNull, 'core.excludesFile': ignored }) }
  }

  ask(args: readonly string[], { input, env }: Options = {}): Answer {
    const { error, status, stdout, stderr } = spawnSync('git', ['-C', this.root, ...args], {
      ...(input === undefined ? {} : { input }),
      env: { ...process.env, ...this.env, ...env },
      maxBuffer: mostBytes,
    })
    if (error !== undefined && status === null && stderr === null)
      throw new Failure('git cannot be started; is it installed?', { cause: error })
    return { status, out: stdout, log: stderr.toString() }
  }

  /** What it prints, without the last line’s end. */
  run(args: readonly string[], options: Options = {}): string {
    const { status, out, log } = this.ask(args, options)
    if (status !== 0) throw new Failure(`git ${args[0]} failed: ${reasonOf(log)}`)
    return out.toString().trimEnd()
  }

  /** The commit that a name means. */
  commit(name: string): string | undefined {
    const { status, out } = this.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
    return status === 0 ? out.toString().trim() : undefined
  }

  isAncestor(before: string, after: string): boolean {
    return this.ask(['merge-base', '--is-ancestor', before, after]).status === 0
  }

  /** Mode and hash of every file of a commit or tree. */
  files(tree: string): Map<string, string> {
    const lines = this.run(['ls-tree', '-r', '--full-tree', '-z', tree]).split('\0').filter(Boolean)
    return new Map(
      lines.map((line) => {
        const [entry = '', path = ''] = line.split('\t')
        const [mode, , hash] = entry.split(' ')
        return [path, `${mode} ${hash}`]
      }),
    )
  }

  text(commit: string, path: string): string | undefined {
    const { status, out } = this.ask(['cat-file', 'blob', `${commit}:${path}`])
    return status === 0 ? out.toString() : undefined
  }
}

export const reasonOf = (log: string): string =>
  log
    .split('\n')
    .find((line) => /^(?:fatal|error): /.test(line))
    ?.replace(/^\w+: /, '') ??
  log.split('\n')[0] ??
  ''
