// `npm run review` as a person or a workflow runs it, with the mistakes they make.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { marker } from '../../review/card/markdown.ts'
import { repositoryRoot } from '../fixture.ts'
import { type ReviewRepository, withGit } from './review-repository.ts'

const main = join(repositoryRoot, 'generators/main.ts')

function review(root: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'review', '--root', root, ...args], {
    encoding: 'utf8',
    env: { ...process.env, GITHUB_ACTIONS: '', GIT_CONFIG_GLOBAL: '/dev/null' },
  })
  return { status, out: stdout, log: stderr }
}

const chat = 'apps/models/chat.yaml'

/** The fixture, rendered and committed. */
const withBase = (use: (repository: ReviewRepository) => void): void =>
  withGit((repository) => {
    repository.synth()
    repository.commit('base')
    use(repository)
  })

const oneLine = (log: string): boolean => log.trimEnd().split('\n').length === 1 && !/\n {4}at /.test(log)

describe('npm run review', (test) => {
  test('a change that alters nothing gives an empty comment and says so on the terminal', () =>
    withBase(({ root }) => {
      assert.equal(review(root, '--base', 'main', '--format', 'markdown'), { status: 0, out: '', log: '' })
      assert.is(review(root, '--base', 'main').out, 'nothing that runs changes.\n')
    }))

  test('committed, staged, unstaged and new files all count; --head takes a commit alone', () =>
    withBase((repository) => {
      const { root, edit, git, commit, synth } = repository
      git('switch', '--quiet', '--create', 'change')
      edit(chat, 'maxModelLen: 16384', 'maxModelLen: 8192')
      synth()
      const dirty = review(root, '--format', 'json', '--base', 'main')
      git('add', '--all')
      assert.is(review(root, '--format', 'json', '--base', 'main').out, dirty.out)
      commit('change')
      assert.is(review(root, '--format', 'json', '--base', 'main').out, dirty.out)
      edit(chat, 'maxModelLen: 8192', 'maxModelLen: 2048')
      assert.is(review(root, '--format', 'json', '--base', 'main', '--head', 'change').out, dirty.out)
      assert.match(review(root, '--base', 'main').out, /2,048/)
    }))

  test('compares with where the branches part, not with what main became since', () =>
    withBase(({ root, edit, git, commit, synth }) => {
      git('switch', '--quiet', '--create', 'change')
      edit(chat, 'maxModelLen: 16384', 'maxModelLen: 8192')
      synth()
      commit('change')
      git('switch', '--quiet', 'main')
      edit('apps/models/embed.yaml', 'engine: tei', 'description: Other.\nengine: tei')
      commit('meanwhile')
      const { result } = JSON.parse(review(root, '--base', 'main', '--head', 'change', '--json').out) as {
        result: { models: { model: string }[] }
      }
      assert.equal([...new Set(result.models.map(({ model }) => model))], ['chat'])
    }))

  test('a file name with spaces and a file that Git does not know are no trouble', () =>
    withBase(({ root, write }) => {
      write('apps/models/new one.yaml', 'model: x/y\n')
      const { status, out } = review(root, '--base', 'main')
      assert.is(status, 1)
      assert.match(out, /apps\/models\/new one\.yaml/)
    }))

  test('an unknown base, no Git, a folder that is no repository: one line each', () =>
    withBase(({ root }) => {
      const unknown = review(root, '--base', 'origin/main')
      assert.is(unknown.status, 2)
      assert.is(unknown.log, 'Git knows no commit "origin/main" here; fetch it: git fetch origin main\n')
      assert.match(review(root, '--base', '--output').log, /base/)
      rmSync(join(root, '.git'), { recursive: true })
      const none = review(root, '--base', 'main')
      assert.is(none.status, 2)
      assert.ok(oneLine(none.log), none.log)
      assert.match(none.log, /is not in a Git repository/)
    }))

  test('no base at all: says how to give one', () =>
    withBase(({ root, git }) => {
      git('branch', '--move', 'trunk')
      const { status, log } = review(root)
      assert.is(status, 2)
      assert.match(log, /^Git knows no commit "main" here; give a branch, tag or commit that is here \(--base REF\)\n$/)
    }))

  test('a shallow clone that does not reach the base says what to fetch', () =>
    withBase(({ root, edit, commit, git }) => {
      git('switch', '--quiet', '--create', 'change')
      edit('apps/models/embed.yaml', 'engine: tei', 'description: A.\nengine: tei')
      commit('one')
      edit('apps/models/embed.yaml', 'description: A.', 'description: B.')
      commit('two')
      const clone = mkdtempSync(join(tmpdir(), 'slipway-shallow-'))
      try {
        git('clone', '--quiet', '--depth', '1', '--no-single-branch', `file://${root}`, clone)
        const { status, log } = review(clone, '--base', 'origin/main', '--head', 'origin/change')
        assert.is(status, 2)
        assert.ok(oneLine(log), log)
        assert.match(log, /shallow.*git fetch --unshallow/)
      } finally {
        rmSync(clone, { recursive: true, force: true })
      }
    }))

  test('branches without a common commit say so', () =>
    withBase(({ root, git, commit }) => {
      git('switch', '--quiet', '--orphan', 'alone')
      git('checkout', '--quiet', 'main', '--', '.')
      commit('alone')
      const { status, log } = review(root, '--base', 'main')
      assert.is(status, 2)
      assert.match(log, /no commit in common/)
    }))

  test('the first commit can be the base: everything after it is new', () =>
    withGit(({ root, git, synth, commit }) => {
      git('commit', '--quiet', '--allow-empty', '--message', 'first')
      git('branch', 'first')
      synth()
      commit('all')
      const { status, out } = review(root, '--base', 'first')
      assert.is(status, 0)
      assert.match(out, /chat in blue: added; first start/)
    }))

  test('works in a folder below the root of the Git repository', () =>
    withBase(({ root, git, edit, synth }) => {
      const outer = mkdtempSync(join(tmpdir(), 'slipway-outer-'))
      try {
        cpSync(root, join(outer, 'deploy'), { recursive: true, filter: (path) => !path.endsWith('.git') })
        const run = (...args: string[]) => git('-C', outer, ...args)
        run('init', '--quiet', '--initial-branch=main')
        run('add', '--all')
        run('commit', '--quiet', '--message', 'base')
        edit(chat, 'maxModelLen: 16384', 'maxModelLen: 8192')
        synth()
        cpSync(root, join(outer, 'deploy'), { recursive: true, filter: (path) => !path.endsWith('.git') })
        assert.is(
          review(join(outer, 'deploy'), '--base', 'main', '--json').out,
          review(root, '--base', 'main', '--json').out,
        )
      } finally {
        rmSync(outer, { recursive: true, force: true })
      }
    }))

  test('a link in a rendered folder is shown as a link and never followed', () =>
    withBase(({ root, remove }) => {
      const secret = join(root, 'secret.txt')
      writeFileSync(secret, 'kind: hunter2\n')
      const path = 'clusters/blue/rendered/model-chat/service-chat.yaml'
      remove(path)
      symlinkSync(secret, join(root, path))
      const { out } = review(root, '--base', 'main', '--format', 'markdown')
      assert.match(out, /not what the sources say/)
      assert.not.match(out, /hunter2/)
    }))

  test('writes the comment and the full card to files, and leaves nothing in the temporary folder', () =>
    withBase(({ root, edit, synth }) => {
      edit(chat, 'maxModelLen: 16384', 'maxModelLen: 8192')
      synth()
      const own = join(root, 'temporary')
      mkdirSync(own)
      const env = { ...process.env, TMPDIR: own }
      const args = [
        '--base',
        'main',
        '--format',
        'markdown',
        '--output',
        join(root, 'card.md'),
        '--full',
        join(root, 'full.md'),
      ]
      const { status, stdout } = spawnSync(process.execPath, [main, 'review', '--root', root, ...args], {
        env,
        encoding: 'utf8',
      })
      assert.is(status, 0)
      assert.is(stdout, '')
      assert.ok(readFileSync(join(root, 'card.md'), 'utf8').startsWith(marker))
      assert.ok(existsSync(join(root, 'full.md')))
      assert.equal(readdirSync(own), [])
    }))

  test('exit code 1 and the diagnostics when synth refuses', () =>
    withBase(({ root, edit }) => {
      edit(chat, 'accelerator: l4', 'accelerator: l5')
      const { status, out } = review(root, '--base', 'main', '--json')
      assert.is(status, 1)
      const { ok, diagnostics } = JSON.parse(out) as { ok: boolean; diagnostics: { code: string }[] }
      assert.is(ok, false)
      assert.is(diagnostics[0]?.code, 'FIELD_VALUE')
    }))

  test('a wrong format and a stray word are answered with the usage', () => {
    assert.match(review(repositoryRoot, '--format', 'markdwn').log, /^--format markdwn: write markdown\n/)
    assert.match(review(repositoryRoot, 'main').log, /^"main" belongs to no option; the base is --base REF\n/)
  })

  test('help fits 80 columns', () => {
    const { status, out } = review(repositoryRoot, '--help')
    assert.is(status, 0)
    assert.equal(
      out.split('\n').filter((line) => line.length > 80),
      [],
    )
  })
})
