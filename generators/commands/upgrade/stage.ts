// Where an upgrade is made ready: a work tree of its own in a temporary folder, where the new version’s own program runs.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../diagnostics/failure.ts'
import { Git, reasonOf } from './git.ts'

const windows = process.platform === 'win32'

/** Commits that only make a work tree need no person. */
const nobody = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'upgrade'],
    [`GIT_${role}_EMAIL`, 'upgrade@localhost'],
  ]),
)

export class Stage {
  readonly folder: string
  readonly #git: Git

  constructor(folder: string, scratch: string) {
    this.folder = folder
    this.#git = new Git(folder, scratch)
  }

  /** The packages of the copy where they are the same, else those of the new version. */
  install(root: string): void {
    const [old, fresh] = [root, this.folder].map((one) => textOf(join(one, 'package-lock.json')))
    const modules = join(root, 'node_modules')
    if (old === fresh && existsSync(modules)) symlinkSync(modules, join(this.folder, 'node_modules'), 'junction')
    else {
      const { status, stderr } = spawnSync('npm', ['ci'], { cwd: this.folder, encoding: 'utf8', shell: windows })
      if (status !== 0) throw new Failure(`npm ci of the new version failed: ${lastLine(stderr ?? '')}`)
    }
  }

  /** A command of the new version. Exit code 1 is an answer too. */
  command(...args: string[]): { status: number; out: string } {
    const { status, stdout, stderr } = spawnSync(this.#node(), ['generators/main.ts', ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, ...this.#git.env, GITHUB_ACTIONS: '' },
      maxBuffer: 1 << 28,
    })
    if (status === 0 || (status === 1 && stdout !== '')) return { status, out: stdout }
    throw new Failure(`${args[0]} of the new version failed: ${errorLine(stderr)}`)
  }

  /** Everything as it is now. */
  tree(): string {
    this.#git.run(['add', '--all'])
    return this.#git.run(['write-tree'])
  }

  #node(): string {
    const own = join(this.folder, 'node_modules/.bin', 'node')
    return !windows && existsSync(own) ? own : process.execPath
  }
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
/** Of a program that fell: its error, without the lines that led there. */
const errorLine = (text: string): string => /^\w*Error: .*$/m.exec(text)?.[0] ?? lastLine(text)

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

export function withStage<T>(git: Git, tree: string, scratch: string, use: (stage: Stage) => T): T {
  const commit = git.run(['commit-tree', tree, '-p', 'HEAD', '-m', 'upgrade'], { env: nobody })
  const folder = join(scratch, 'tree')
  git.run(['worktree', 'add', '--quiet', '--detach', folder, commit])
  try {
    return use(new Stage(folder, scratch))
  } finally {
    git.ask(['worktree', 'remove', '--force', folder])
  }
}

/** Git looks at every file before it writes the first one; what it could not finish is put back. Files that it ignores it would overwrite. */
export function writeWorkTree(git: Git, tree: string): void {
  const added = git.run(['diff-tree', '-r', '-z', '--name-only', '--diff-filter=A', 'HEAD', tree]).split('\0')
  const taken = added.filter(Boolean).find((path) => existsSync(join(git.root, path)))
  if (taken !== undefined) throw new Failure(`nothing was changed: ${taken} of yours, which Git ignores, is in the way`)
  const { status, log } = git.ask(['read-tree', '-m', '-u', 'HEAD', tree])
  if (status === 0) return
  git.ask(['read-tree', '--reset', '-u', 'HEAD'])
  throw new Failure(`nothing was changed: ${reasonOf(log)}`)
}
