// docs/operations and docs/alerts: each block says whether a test runs it, and what can run here does.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { promtool, withoutPromtool } from '../alerts/rendered-rules.ts'
import { repositoryRoot } from '../fixture.ts'
import { blocksOf } from './page-blocks.ts'
import { copyWithCommits, git, runBlock } from './page-copy.ts'

const pages = globSync(
  ['docs/operations/*.md', 'docs/how-to/roll-back.md', 'docs/alerts/*.md', 'platform/monitoring/alarms/*.md'],
  { cwd: repositoryRoot },
)
const operations = pages.filter((path) => path.startsWith('docs/operations/'))
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

describe('pages for those on call', (test) => {
  test('of operations are all in the table, and say of every block whether a test runs it', () => {
    for (const path of operations) {
      const name = path.split('/').at(-1) ?? ''
      if (name !== 'README.md') assert.match(read('docs/operations/README.md'), `| [${name}](${name}) |`)
      for (const { info } of blocksOf(read(path)))
        assert.ok(['sh tried', 'sh untried', 'promql'].includes(info), `${path}: ${info}`)
    }
    assert.is(operations.length, 10)
  })

  test('begin with the way to the cluster where they need it', () => {
    for (const path of pages.filter((one) => !one.startsWith('docs/operations/') && !one.endsWith('README.md')))
      if (/kubectl|Prometheus/.test(read(path))) assert.match(read(path), /First: \[reach the cluster/)
  })

  test('say what is true of the gateway, of windows and of AWS', () => {
    for (const path of pages) {
      assert.not.match(read(path), /gateway[^.]*answers[^.]*\b503\b(?! to)(?<!never answers 503)/i)
      assert.not.match(read(path), /see Shield Advanced/)
    }
  })

  for (const path of operations) {
    const blocks = blocksOf(read(path)).filter(
      ({ info, text }) => info === 'sh tried' && /^(?:git|npm)\b/.test(text) && !text.includes('kubectl'),
    )
    for (const [index, { text }] of blocks.entries())
      test(`${path}: block ${index + 1} of sources and commits works`, () => {
        const root = copyWithCommits()
        try {
          const script = text.replaceAll('TENANT KEY', 'research research-notebooks').replaceAll('TENANT', 'support')
          const { status, stderr } = runBlock(root, script)
          assert.is(status, 0, stderr)
          assert.is(git(root, 'status', '--porcelain', 'apps', 'clusters'), '')
        } finally {
          rmSync(root, { recursive: true, force: true })
        }
      })
  }

  const program = promtool()
  const sentence = 'have expressions that Prometheus reads'
  if (program === undefined) test.skip(sentence, withoutPromtool)
  else
    test(sentence, () => {
      const expressions = operations.flatMap((path) =>
        blocksOf(read(path)).flatMap(({ info, text }) => (info === 'promql' ? [text] : [])),
      )
      assert.ok(expressions.length >= 3)
      const folder = mkdtempSync(join(tmpdir(), 'slipway-pages-'))
      try {
        const rules = expressions.map((expr, index) => ({ record: `page_${index}`, expr }))
        writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'pages', rules }] }))
        const { status, stderr } = spawnSync(program, ['check', 'rules', join(folder, 'rules.yaml')], {
          encoding: 'utf8',
        })
        assert.is(status, 0, stderr)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
})
