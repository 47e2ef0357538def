// A copy of the sample tree in Git, in which the blocks of a page are run.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { copyRepository, repositoryRoot } from '../fixture.ts'

/** What `npm run -s NAME -- WORDS` does, on the sources in the folder where it is called. */
const npm = `npm() {
  shift; [ "$1" = -s ] && shift; name=$1; shift; [ "$1" = -- ] && shift
  "${process.execPath}" "${join(repositoryRoot, 'generators/main.ts')}" "$name" "$@"
}
`

export const git = (root: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })

function makeRepository(root: string): void {
  git(root, 'init', '--quiet', '--initial-branch=main')
  git(root, 'config', 'user.name', 'Test')
  git(root, 'config', 'user.email', 'test@example.com')
  git(root, 'config', 'commit.gpgsign', 'false')
}

/** With two commits, the second one of a tenant. To be removed. */
export function copyWithCommits(): string {
  const root = copyRepository(sampleRoot)
  makeRepository(root)
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'base')
  const file = join(root, 'apps/tenants/support.yaml')
  writeFileSync(file, `${readFileSync(file, 'utf8')}# one more line\n`)
  git(root, 'commit', '--quiet', '--all', '--message', 'a change')
  return root
}

export const runBlock = (root: string, text: string): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('bash', ['-ec', npm + text], { cwd: root, encoding: 'utf8' })
