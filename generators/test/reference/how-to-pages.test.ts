// docs/how-to: the files that a page shows are good, and its blocks work one after the other in a copy that has them.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'
import { makeRepositories } from '../upgrade/upstream.ts'
import { blocksOf } from './page-blocks.ts'
import { copyWithCommits, runBlock } from './page-copy.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')
const pages = globSync('docs/how-to/*.md', { cwd: repositoryRoot }).sort()
const here = (text: string): string[] =>
  blocksOf(text).flatMap((block) =>
    block.info === 'sh tried' && !/kubectl|npm run upgrade/.test(block.text) ? [block.text] : [],
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

  test(
    'upgrade: its blocks work in a copy, where both changed the same lines too',
    () => {
      const { upstream, company, remove } = makeRepositories()
      const slo = 'generators/schema/slo.ts'
      try {
        upstream.edit(slo, "'100ms'", "'80ms'")
        upstream.commit('the next one')
        upstream.git('tag', 'v0.1.4')
        const own = company()
        const run = (text = ''): void => {
          const { status, stderr } = runBlock(own.root, text)
          assert.is(status, 0, `${text}\n${stderr}`)
          own.commit('upgrade')
        }
        const [first, second] = blocksOf(read('docs/how-to/upgrade.md')).filter(({ info }) => info === 'sh tried')
        run(first?.text)
        own.edit(slo, "'100ms'", "'90ms'")
        own.commit('ours')
        run(second?.text)
        assert.match(own.read(slo), "'90ms'")
        assert.match(own.read('upstream.json'), '"version": "v0.1.4"')
      } finally {
        remove()
      }
    },
    { timeoutSeconds: 300 },
  )
})
