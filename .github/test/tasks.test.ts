// The tasks of `npm run workflow`, against GitHub's API on loopback and against real Git repositories.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { marker } from '../../generators/review/card/markdown.ts'
import { withGit } from '../../generators/test/review/review-repository.ts'
import type { Outcome } from '../../test/run-program.ts'
import { assert, describe } from '../../test/spec.ts'
import { type GitHubServer, startGitHub } from './github-server.ts'
import { main, run, withFolder } from './run-task.ts'

const sha = 'a'.repeat(40)
const head = { HEAD_OWNER: 'somebody', HEAD_BRANCH: 'change', HEAD_SHA: sha }

async function withPull(
  use: (github: GitHubServer, post: (text: string) => Promise<Outcome>) => Promise<void>,
): Promise<void> {
  const github = await startGitHub()
  github.pulls.push({ number: 7, head: { sha, label: 'somebody:change' } })
  try {
    await withFolder((folder) =>
      use(github, (text) => {
        const path = join(folder, 'card.md')
        writeFileSync(path, text)
        return run(['comment-review', '--card', path], { ...github.env, ...head })
      }),
    )
  } finally {
    await github.stop()
  }
}

describe('comment-review', (test) => {
  test('makes one comment, updates it, leaves it alone when nothing changed, and deletes it', () =>
    withPull(async (github, post) => {
      const bodies = () => (github.comments.get(7) ?? []).map(({ body }) => body)
      assert.is((await post(`${marker}\none`)).status, 0)
      assert.equal(bodies(), [`${marker}\none`])
      await post(`${marker}\ntwo`)
      assert.equal(bodies(), [`${marker}\ntwo`])
      const { length } = github.writes
      await post(`${marker}\ntwo`)
      assert.is(github.writes.length, length)
      await post('')
      assert.equal(bodies(), [])
      await post('')
      assert.is(github.writes.length, length + 1)
    }))

  test('finds its comment behind a hundred others, and never takes one that a person wrote', () =>
    withPull(async (github, post) => {
      const others = Array.from({ length: 140 }, (_, id) => ({ id, body: 'hello', user: { type: 'User' } }))
      github.comments.set(7, [
        ...others,
        { id: 998, body: `${marker}\nfaked`, user: { type: 'User' } },
        { id: 999, body: `${marker}\nold`, user: { type: 'Bot' } },
      ])
      await post(`${marker}\nnew`)
      assert.equal(github.writes, ['PATCH /issues/comments/999'])
    }))

  test('says nothing when the branch has moved on', () =>
    withPull(async (github, post) => {
      github.pulls[0] = { number: 7, head: { sha: 'b'.repeat(40), label: 'somebody:change' } }
      const { status, out } = await post(`${marker}\nlate`)
      assert.is(status, 0)
      assert.match(out, /nothing to say/)
      assert.equal(github.writes, [])
    }))

  test('takes no text that is no card, and none that is too long', () =>
    withPull(async (github, post) => {
      assert.match((await post('<h1>hi</h1>')).log, /is no card/)
      assert.match((await post(`${marker}\n${'x'.repeat(70_000)}`)).log, /a comment takes 65536/)
      assert.equal(github.writes, [])
    }))

  test('without a token it says which variable is missing', async () => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'card.md'), '')
      const { status, log } = await run(['comment-review', '--card', join(folder, 'card.md')], { GITHUB_TOKEN: '' })
      assert.is(status, 2)
      assert.is(log, 'GITHUB_TOKEN is not set; a workflow’s job has it\n')
    })
  })
})

describe('report-drift', (test) => {
  test('opens one issue, keeps it up to date, and closes it', async () => {
    const github = await startGitHub()
    try {
      const report = (check: string) => run(['report-drift', '--check', check, '--test', 'success'], github.env)
      await report('failure')
      await report('failure')
      assert.equal(
        github.issues.map(({ state }) => state),
        ['open'],
      )
      await report('success')
      assert.equal(
        github.issues.map(({ state }) => state),
        ['closed'],
      )
      const { length } = github.writes
      await report('success')
      assert.is(github.writes.length, length)
    } finally {
      await github.stop()
    }
  })

  test('says it by its exit code where issues are turned off, as in a new fork', async () => {
    const github = await startGitHub()
    github.hasIssues = false
    try {
      const report = (check: string) => run(['report-drift', '--check', check, '--test', 'success'], github.env)
      assert.is((await report('success')).status, 0)
      const { status, log } = await report('failure')
      assert.is(status, 1)
      assert.is(log, 'example/slipway has its issues turned off; npm run check: failure, npm test: success\n')
      assert.equal(github.writes, [])
    } finally {
      await github.stop()
    }
  })
})

describe('push-render', (test) => {
  test('commits what was rendered to the branch of Renovate and to no other', async () => {
    await withFolder(async (folder) => {
      const bare = join(folder, 'origin.git')
      execFileSync('git', ['init', '--quiet', '--bare', bare])
      const outcome = withGit(({ root, git, synth, commit, edit, write }) => {
        synth()
        commit('base')
        git('remote', 'add', 'origin', bare)
        git('switch', '--quiet', '--create', 'renovate/chat')
        edit('apps/models/chat.yaml', 'maxModelLen: 16384', 'maxModelLen: 8192')
        commit('change')
        git('push', '--quiet', 'origin', 'renovate/chat')
        synth()
        write('stray.txt', 'not ours\n')
        const push = (branch: string) => {
          try {
            return execFileSync(process.execPath, [main, 'push-render', '--root', root], {
              encoding: 'utf8',
              stdio: 'pipe',
              env: { ...process.env, GITHUB_REF_NAME: branch, GITHUB_TOKEN: '' },
            })
          } catch (error) {
            return String((error as { stderr: string }).stderr)
          }
        }
        return { main: push('main'), first: push('renovate/chat'), second: push('renovate/chat') }
      })
      assert.match(outcome.main, /only renovate\/… is pushed to/)
      assert.is(outcome.first, 'pushed to renovate/chat\n')
      assert.is(outcome.second, 'nothing to push\n')
      const files = execFileSync('git', ['-C', bare, 'show', '--stat', '--name-only', '--format=', 'renovate/chat'], {
        encoding: 'utf8',
      })
      assert.ok(
        files
          .split('\n')
          .filter(Boolean)
          .every((path) => path.startsWith('clusters/')),
        files,
      )
    })
  })
})
