// Documents: links and anchors lead somewhere, wherever they are written; the first pages are short; each decision says why.
import { posix } from 'node:path'
import { anchorsOf, brokenTarget, documents, linksOf, repositoryFiles, textOf } from './documents.ts'
import { assert, describe } from './spec.ts'

/** A file of others that is a source of facts, a placeholder, and files that tests write into copies. */
const foreign = /^docs\/(?:usage\/security|alerts\/ID|notes)\.md$|^apps\/models\/README\.md$/

/** Written by commands, recorded, or input of a test. */
const notOurs =
  /\/rendered\/|\/recorded\/|\/test\/invalid\/|\/truth\/|package-lock\.json$|^model-server\/(?:training|models)\//

const isSource = (file: string): boolean =>
  /\.(?:ts|mjs|py|ya?ml|json|html|css|md)$|(?:^|\/)Dockerfile$/.test(file) && !notOurs.test(file)

describe('links', (test) => {
  test('of every document lead to files and headings that are there', () => {
    const links = documents.flatMap((file) => linksOf(file, textOf(file)).map((link) => ({ file, ...link })))
    assert.ok(links.length > 300, String(links.length))
    const broken = links.flatMap(({ file, written, path, anchor }) => {
      const problem = brokenTarget(path, anchor)
      return problem === undefined ? [] : [`${file}: ${written} ${problem}`]
    })
    assert.equal(broken, [])
  })

  test('in comments, messages, descriptions and settings do so, too', () => {
    const mention =
      /(?<![\w./-])((?:docs|apps|gateway|generators|platform|model-server|local|bench|test)\/[\w./-]*\.md|(?:ARCHITECTURE|CONTRIBUTING|SECURITY)\.md)(?:#([\w-]+))?/g
    const mentions = repositoryFiles
      .filter(isSource)
      .flatMap((file) =>
        [...textOf(file).matchAll(mention)].map(([, path = '', anchor = '']) => ({ file, path, anchor })),
      )
      .filter(({ path }) => !foreign.test(path))
    assert.ok(mentions.length > 60, String(mentions.length))
    const broken = mentions.flatMap(({ file, path, anchor }) => {
      const besideIt = posix.join(posix.dirname(file), path)
      const problems = [brokenTarget(path, anchor), brokenTarget(besideIt, anchor)]
      return problems.includes(undefined) ? [] : [`${file}: ${path}#${anchor} ${problems[0]}`]
    })
    assert.equal(broken, [])
  })

  test('are anchors as GitHub makes them', () => {
    const page =
      '# One `x`, and two\n```sh\n# not a heading\n```\n## I want to …\n## Twice\n## Twice\n### A [link](x.md)\n'
    assert.equal([...anchorsOf(page)], ['one-x-and-two', 'i-want-to-', 'twice', 'twice-1', 'a-link'])
  })
})

describe('documents', (test) => {
  test('that are read first are short', () => {
    const most = { 'README.md': 90, 'ARCHITECTURE.md': 130 }
    for (const [file, lines] of Object.entries(most)) {
      const count = textOf(file).trimEnd().split('\n').length
      assert.ok(count <= lines, `${file} has ${count} lines, at most ${lines}`)
    }
  })

  test('name npm scripts that are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: object }
    const named = documents
      .filter((file) => !notOurs.test(file))
      .flatMap((file) =>
        [...textOf(file).matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g)].map((match) => ({
          file,
          name: match[1] ?? '',
        })),
      )
    assert.ok(named.length > 100, String(named.length))
    assert.equal(
      named.filter(({ name }) => !(name in scripts)).map(({ file, name }) => `${file}: npm run ${name}`),
      [],
    )
  })

  test('give commands options that they have', () => {
    const commands = textOf('docs/reference/commands.md')
    const helpOf = (name: string): string =>
      commands.split(`\n## npm run ${name}\n`)[1]?.split('\n## ')[0] ??
      commands.split(`\n## npm ${name}\n`)[1]?.split('\n## ')[0] ??
      ''
    const call = /npm (?:run )?(?:-s |--silent )?([a-z][\w:-]*) -- ([^\n`#|>]*)/g
    const given = documents
      .filter((file) => !notOurs.test(file))
      .flatMap((file) =>
        [...textOf(file).matchAll(call)].flatMap(([, name = '', words = '']) =>
          [...words.matchAll(/(?<=^| )--[a-z][a-z-]*/g)].map(([option]) => ({ file, name, option })),
        ),
      )
      .filter(({ name, option }) => helpOf(name) !== '' && option !== '--help')
    assert.ok(given.length > 30, String(given.length))
    assert.equal(
      given
        .filter(({ name, option }) => !helpOf(name).includes(option))
        .map(({ file, name, option }) => `${file}: ${name} ${option}`),
      [],
    )
  })

  test('that say what an idle platform costs say the same', () => {
    const [, dev, prod] = /^\| together \| \*\*(\d+)\*\* \| \*\*(\d+)\*\* \|$/m.exec(textOf('platform/README.md')) ?? []
    assert.match(
      textOf('README.md'),
      `[$${dev} a month in dev, $${prod} in prod](platform/README.md#what-it-costs-while-idle)`,
    )
  })

  test('are all reached by links from README.md', () => {
    const reached = new Set(['README.md'])
    for (const file of reached)
      for (const { path } of linksOf(file, textOf(file)))
        for (const page of [path, posix.join(path, 'README.md')]) if (documents.includes(page)) reached.add(page)
    const alone = documents.filter((file) => /^docs\/|(?:^|\/)README\.md$/.test(file) && !reached.has(file))
    assert.equal(alone, [])
  })
})

describe('decisions', (test) => {
  const folder = 'docs/decisions/'
  const index = textOf(`${folder}README.md`)
  const decisions = documents.filter((file) => file.startsWith(folder) && !file.endsWith('README.md'))

  test('say context, choice, alternatives and what would change them, in this order and in a few lines', () => {
    assert.ok(decisions.length > 70)
    for (const file of decisions) {
      const parts = textOf(file).split(/^## /m)
      const [head = '', ...sections] = parts
      assert.match(head, /^# \S.*\n\n$/, file)
      assert.equal(
        sections.map((section) => section.split('\n')[0]),
        ['Context', 'Choice', 'Alternatives', 'Change when'],
        file,
      )
      for (const section of sections) assert.match(section, /^.+\n\n\S[\s\S]+\S\n/, file)
      assert.ok(textOf(file).split('\n').length <= 40, `${file} is too long`)
    }
  })

  test('are each in the index once, by their titles', () => {
    const listed = [...index.matchAll(/^- \[(.+)\]\(([\w-]+\.md)\)$/gm)].map(([, title, file]) => `${file} ${title}`)
    const titles = decisions.map((file) => `${file.slice(folder.length)} ${/^# (.+)$/m.exec(textOf(file))?.[1]}`)
    assert.equal(listed.sort(), titles.sort())
  })
})
