// A Git repository with a base commit and a change on top, made from the fixture; and the review of the two.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareStates } from '../../commands/compare-states.ts'
import { GitHistory } from '../../load/git-history.ts'
import { everything, synthesize } from '../../pipeline.ts'
import type { Review } from '../../review/review.ts'
import { type FixtureRepository, validFixture, withRepository } from '../fixture.ts'

export interface ReviewRepository extends FixtureRepository {
  git(...args: string[]): string
  synth(): void
  /** Commits everything as it is. */
  commit(message: string): string
  edit(path: string, from: string | RegExp, to: string): void
  /** Changes rendered files of one kind, as an older generator would have written them. */
  editRendered(kind: string, from: string | RegExp, to: string): number
}

const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']

/** Settings of the machine (hooks, signing, line endings) have no say. */
const quietEnvironment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }

/** The fixture as a Git repository; nothing is committed yet. */
export function withGit<T>(use: (repository: ReviewRepository) => T): T {
  return withRepository(validFixture, (fixture) => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', fixture.root, ...author, ...args], {
        encoding: 'utf8',
        env: quietEnvironment,
        stdio: 'pipe',
      })
    git('init', '--quiet', '--initial-branch=main')
    return use({
      ...fixture,
      git,
      synth() {
        const { diagnostics } = synthesize(fixture.root, everything, { write: true })
        const errors = diagnostics.filter(({ level }) => level === 'error')
        if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2))
      },
      commit(message) {
        git('add', '--all')
        git('commit', '--quiet', '--allow-empty', '--message', message)
        return git('rev-parse', 'HEAD').trim()
      },
      edit(path, from, to) {
        const text = fixture.read(path)
        const changed = text.replace(from, to)
        if (changed === text) throw new Error(`${path} has no ${from}`)
        fixture.write(path, changed)
      },
      editRendered(kind, from, to) {
        const found = readdirSync(join(fixture.root, 'clusters'), { recursive: true, encoding: 'utf8' })
          .map((path) => `clusters/${path.replaceAll('\\', '/')}`)
          .filter((path) => path.includes('/rendered/') && path.includes(`/${kind}-`))
        const changed = found.filter((path) => fixture.read(path).replace(from, to) !== fixture.read(path))
        for (const path of changed) fixture.write(path, fixture.read(path).replace(from, to))
        return changed.length
      },
    })
  })
}

/** Compares the working tree (or `head`) with where it and `base` part; what changes at AWS only where asked for. */
export function reviewOf(
  { root }: { root: string },
  base = 'main',
  head?: string,
  platforms?: Parameters<typeof compareStates>[4],
): Review {
  const history = new GitHistory(root)
  const states = {
    base: history.mergeBase(base, head ?? 'HEAD'),
    head: head === undefined ? undefined : history.commit(head),
  }
  return compareStates(history, root, states, () => {}, platforms)
}
