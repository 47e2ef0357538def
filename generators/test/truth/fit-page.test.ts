// docs/fit.md: its table is what the planner says of the cases today, and every file, number and command that it names is there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import { fitTable } from '../../truth/fit-table.ts'
import { judge } from '../../truth/judge.ts'
import { publicCases } from '../../truth/public-cases.ts'
import { repositoryRoot } from '../fixture.ts'

const path = join(repositoryRoot, 'docs/fit.md')
const generated =
  /(<!-- Generated from generators\/truth\/cases\.json: [^\n]*-->\n)([\s\S]*?)(\n<!-- end of the generated table -->)/

const table = `\n${fitTable(publicCases().map((one) => judge(one)))}\n`

if (process.env.UPDATE_FIT_PAGE !== undefined)
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(generated, (_, head: string, __, tail: string) => head + table + tail),
  )

const page = readFileSync(path, 'utf8')

describe('docs/fit.md', (test) => {
  test('shows the table of today', () => {
    assert.is(generated.exec(page)?.[2], table)
  })

  test('links to files that are there', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '')
    assert.ok(links.length > 2)
    for (const link of links) assert.ok(existsSync(join(repositoryRoot, 'docs', link)), link)
  })

  test('names derived numbers and npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { scripts: object }
    for (const [, name = ''] of page.matchAll(/npm run ([\w:]+)/g)) assert.ok(name in scripts, name)
    const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })
    const model = plans.flatMap(({ models }) => models).find(({ fit }) => fit !== undefined)
    const numbers = [...page.matchAll(/explain -- NAME (\w+)/g)].map((match) => match[1] ?? '')
    assert.ok(numbers.length > 2)
    for (const name of numbers) assert.ok(name in (model?.derivations() ?? {}), name)
  })
})
