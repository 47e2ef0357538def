// docs/how-to: the files that a page shows are good, and its blocks work one after the other in a copy that has them.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'
import { blocksOf } from './page-blocks.ts'
import { copyWithCommits, git, makeRepository, runBlock } from './page-copy.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')
const pages = globSync('docs/how-to/*.md', { cwd: repositoryRoot }).sort()
const here = (text: string): string[] =>
  blocksOf(text).flatMap((block) =>
    block.info === 'sh tried' && !/kubectl|upstream/.test(block.text) ? [block.text] : [],
  )

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

describe('docs/how-to', (test) => {
  test('has its pages in the table, and says of every block whether a test runs it', () => {
    for (const path of pages) {
      const name = path.split('/').at(-1) ?? ''
      if (name !== 'README.md') assert.match(read('docs/how-to/README.md'), `](${name}) |`)
      for (const { info } of blocksOf(read(path)))
        assert.ok(['sh tried', 'sh untried', 'yaml'].includes(info), `${path}: ${info}`)
    }
  })

  for (const path of pages) {
    const blocks = here(read(path))
    if (blocks.length > 0)
      test(`${path}: files and blocks work`, () => {
        const root = copyWithCommits()
        try {
          for (const { info, text } of blocksOf(read(path)))
            if (info === 'yaml') write(root, /^# (\S+\.yaml)\n/.exec(text)?.[1] ?? '', text)
          for (const text of blocks) {
            const { status, stderr } = runBlock(root, text.replaceAll('COMMIT', 'HEAD'))
            assert.is(status, 0, `${text}\n${stderr}`)
          }
        } finally {
          rmSync(root, { recursive: true, force: true })
        }
      })
  }

  test('upgrade: takes the program of upstream, and leaves apps and clusters alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-upgrade-'))
    const [upstream, own] = [join(folder, 'upstream'), join(folder, 'own')]
    try {
      mkdirSync(upstream)
      makeRepository(upstream)
      for (const path of [
        'generators/a.ts',
        'generators/gone.ts',
        'apps/models/sample.yaml',
        'clusters/dev/cluster.yaml',
      ])
        write(upstream, path, `first ${path}\n`)
      git(upstream, 'add', '--all')
      git(upstream, 'commit', '--quiet', '--message', 'first')
      git(folder, 'clone', '--quiet', '--origin', 'upstream', upstream, own)
      git(own, 'config', 'user.name', 'Test')
      git(own, 'config', 'user.email', 'test@example.com')
      // As `init` leaves it: samples are gone, there are other files, one is changed.
      git(own, 'rm', '--quiet', 'apps/models/sample.yaml')
      write(own, 'apps/models/ours.yaml', 'ours\n')
      write(own, 'clusters/dev/cluster.yaml', 'ours\n')
      write(own, 'platform/Pulumi.dev.yaml', 'ours\n')
      git(own, 'add', '--all')
      git(own, 'commit', '--quiet', '--message', 'ours')
      rmSync(join(upstream, 'generators/gone.ts'))
      write(upstream, 'generators/a.ts', 'second\n')
      write(upstream, 'apps/models/sample.yaml', 'second\n')
      write(upstream, 'apps/models/added.yaml', 'second\n')
      write(upstream, 'clusters/dev/cluster.yaml', 'second\n')
      git(upstream, 'add', '--all')
      git(upstream, 'commit', '--quiet', '--message', 'second')

      const [block] = blocksOf(read('docs/how-to/upgrade.md'))
      const { status, stderr } = runBlock(own, block?.text ?? '')
      assert.is(status, 0, stderr)
      assert.is(git(own, 'status', '--porcelain'), 'M  generators/a.ts\nD  generators/gone.ts\n')
      git(own, 'commit', '--quiet', '--no-edit')
      assert.is(git(own, 'rev-parse', 'HEAD^2'), git(upstream, 'rev-parse', 'HEAD'))
      for (const path of ['apps/models/ours.yaml', 'clusters/dev/cluster.yaml', 'platform/Pulumi.dev.yaml'])
        assert.is(readFileSync(join(own, path), 'utf8'), 'ours\n')
      for (const path of ['apps/models/sample.yaml', 'apps/models/added.yaml', 'generators/gone.ts'])
        assert.not.ok(existsSync(join(own, path)), path)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
