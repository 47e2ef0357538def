// The parts of an upgrade: which files are whose, what becomes of each, and old forms of source files in today’s.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { newSections } from '../../commands/upgrade/changelog.ts'
import { sourceKinds } from '../../reference/sources.ts'
import { mergeTrees } from '../../upgrade/merge-trees.ts'
import { migrateText, migrations } from '../../upgrade/migrations.ts'
import { ownerOf, owners } from '../../upgrade/owners.ts'
import { insertBefore, removeField, replaceField } from '../../upgrade/yaml-moves.ts'
import { repositoryRoot } from '../fixture.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

describe('owners of files', (test) => {
  test('every row has a file here, but for those that only a copy has', () => {
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
    })
    const rows = new Set(files.split('\n').filter(Boolean).map(ownerOf))
    const absent = owners.filter((row) => !rows.has(row)).map(({ files: shown }) => shown)
    assert.equal(
      absent.filter((shown) => !['platform/Pulumi.STACK.yaml', 'upstream.json'].includes(shown)),
      [],
    )
  })

  test('are those of the page', () => {
    const shown = [...read('docs/how-to/upgrade.md').matchAll(/^\| (.+) \| (yours|program|generated) \| (.+) \|$/gm)]
    assert.equal(
      shown.map(([, files, owner, because]) => ({ files: files?.replaceAll('`', ''), owner, because })),
      owners.map(({ files, owner, because }) => ({ files, owner, because })),
    )
  })

  test('of typical files', () => {
    const whose: Record<string, string> = {
      'apps/models/gpt2.lock.json': 'yours',
      'apps/gateway.yaml': 'yours',
      'apps/addons/keda.yaml': 'program',
      'clusters/dev/rendered/gateway/a.yaml': 'yours',
      'platform/Pulumi.dev.yaml': 'yours',
      'platform/Pulumi.yaml': 'program',
      'schemas/model.schema.json': 'generated',
      'docs/reference/fields.md': 'generated',
      '.github/CODEOWNERS': 'yours',
      '.github/workflows/check.yml': 'program',
      'README.md': 'program',
    }
    for (const [path, owner] of Object.entries(whose)) assert.is(ownerOf(path).owner, owner, path)
  })
})

describe('merged lists of files', (test) => {
  const [a, b, c] = ['100644 a', '100644 b', '100644 c']
  const steps = (path: string, base?: string, ours?: string, theirs?: string, choice?: 'keep' | 'take') => {
    const tree = (entry?: string) => new Map(entry === undefined ? [] : [[path, entry]])
    return mergeTrees({ base: tree(base), ours: tree(ours), theirs: tree(theirs) }, () => choice).map((step) =>
      step.kind === 'take' ? `take ${step.entry}` : step.kind,
    )
  }

  test('of the program: one side’s change counts, two are merged or refused', () => {
    const cases: [expected: string[], base?: string, ours?: string, theirs?: string][] = [
      [[], a, a, a],
      [[], a, b, a],
      [[], a, undefined, a],
      [[], undefined, b, undefined],
      [[], a, b, b],
      [['take 100644 b'], a, a, b],
      [['take undefined'], a, a, undefined],
      [['take 100644 b'], undefined, undefined, b],
      [['merge'], a, b, c],
      [['conflict'], a, undefined, c],
      [['conflict'], a, b, undefined],
      [['conflict'], undefined, b, c],
      [['conflict'], '120000 a', '120000 b', '120000 c'],
    ]
    for (const [expected, ...entries] of cases)
      assert.equal(steps('generators/a.ts', ...entries), expected, entries.join(' '))
    assert.equal(steps('generators/a.ts', a, b, c, 'keep'), [])
    assert.equal(steps('generators/a.ts', a, undefined, c, 'take'), ['take 100644 c'])
  })

  test('of a company: never; what the program needs, once; what is generated, always', () => {
    assert.equal(steps('apps/models/a.yaml', a, a, b), [])
    assert.equal(steps('apps/models/a.yaml', undefined, undefined, b), [])
    assert.equal(steps('apps/images.yaml', a, a, b), [])
    assert.equal(steps('apps/images.yaml', undefined, undefined, b), ['take 100644 b'])
    assert.equal(steps('apps/images.yaml', a, undefined, b), [])
    assert.equal(steps('schemas/a.json', a, b, c), ['take 100644 c'])
  })
})

describe('migrations', (test) => {
  const model = 'apps/models/a.yaml'

  test('move the time-out of a model, in its clusters too, and keep comments', () => {
    const old = `# Above.
model: a/b
slo: { timeToFirstTokenSeconds: 30.5, availability: 99 } # beside
clusters:
  dev:
    # Slow.
    slo:
      timeToFirstTokenSeconds: 60
  prod: { engine: tei, slo: { timeToFirstTokenSeconds: 90 } }
  other: { timeouts: { firstToken: 5s }, slo: { availability: 99, timeToFirstTokenSeconds: 90 } }
`
    const { text, applied } = migrateText(model, old)
    assert.is(
      text,
      `# Above.
model: a/b
timeouts: { firstToken: 31s }
slo: { availability: 99 } # beside
clusters:
  dev:
    # Slow.
    timeouts: { firstToken: 60s }
  prod: { engine: tei, timeouts: { firstToken: 90s } }
  other: { timeouts: { firstToken: 5s }, slo: { availability: 99 } }
`,
    )
    assert.equal(
      applied.map(({ field }) => field),
      ['slo.timeToFirstTokenSeconds'],
    )
    assert.equal(migrateText(model, text), { text, applied: [] })
  })

  test('rename the audience of a cluster; a lock keeps what layers keep', () => {
    const cluster = (text: string): string => migrateText('clusters/a/cluster.yaml', text).text
    assert.is(cluster('oidc: { issuer: x, audience: "a b" }\n'), 'oidc: { issuer: x, audiences: [a b] }\n')
    assert.is(
      cluster('oidc:\n  audience: x # ours\n  scopes: [a]\n'),
      'oidc:\n  audiences: [x] # ours\n  scopes: [a]\n',
    )
    assert.is(cluster('oidc: { audience: x, audiences: [y] }\n'), 'oidc: { audiences: [y] }\n')
    const { cache, ...old } = JSON.parse(read('generators/test/valid/apps/models/chat.lock.json'))
    const { text } = migrateText('apps/models/a.lock.json', JSON.stringify(old))
    assert.equal(JSON.parse(text).cache, cache)
  })

  test('leave what is no YAML, no JSON or of another kind', () => {
    for (const [path, text] of [
      [model, 'a: [\n'],
      [model, ''],
      ['apps/models/a.lock.json', '{'],
      ['clusters/a/cluster.yaml', 'slo: { timeToFirstTokenSeconds: 30 }\n'],
    ] as const)
      assert.equal(migrateText(path, text), { text, applied: [] })
  })

  test('are in the changelog, under their version', () => {
    const sections = newSections('', read('CHANGELOG.md'))
    for (const { version, field } of migrations)
      assert.match(sections.find((section) => section.startsWith(`## ${version}`)) ?? '', `\`${field}\``)
  })

  test('there is one for each field that a schema says has moved', () => {
    const moved = new Set<string>()
    const collect = (node: unknown, name = ''): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, value] of Object.entries(node)) {
        if (key === 'moved') for (const field of Object.keys(value)) moved.add(`${name}.${field}`)
        collect(value, key === 'properties' || /^\d+$/.test(key) ? name : key)
      }
    }
    for (const { schema } of sourceKinds) collect(schema)
    assert.equal(
      [...moved].sort().filter((field) => !migrations.some((one) => one.field === field)),
      [],
    )
    assert.ok(moved.size > 1)
  })
})

describe('moves in YAML', (test) => {
  test('in block and flow form, first, last and alone', () => {
    assert.is(removeField('a: 1\nb: 2 # x\nc: 3\n', ['b']), 'a: 1\nc: 3\n')
    assert.is(removeField('a: { b: 1, c: 2 }\n', ['a', 'b']), 'a: { c: 2 }\n')
    assert.is(removeField('a: { b: 1, c: 2 }\n', ['a', 'c']), 'a: { b: 1 }\n')
    assert.is(removeField('x: 1\na: { b: { c: 1 } }\n', ['a', 'b', 'c']), 'x: 1\n')
    assert.is(removeField('a: 1\n', ['b']), 'a: 1\n')
    assert.is(insertBefore('a:\n  b: 1\n', ['a', 'b'], 'z: 0'), 'a:\n  z: 0\n  b: 1\n')
    assert.is(insertBefore('a: { b: 1 }\n', ['a', 'b'], 'z: 0'), 'a: { z: 0, b: 1 }\n')
    assert.is(replaceField('a: { b: [1, 2] } # c\n', ['a', 'b'], 'd: 3'), 'a: { d: 3 } # c\n')
  })
})

describe('what is new in a changelog', (test) => {
  test('are the sections with other headings', () => {
    assert.equal(newSections('# C\n\n## 1\n\nx\n', '# C\n\n## 2\n\ny\n\n## 1\n\nx, corrected\n'), ['## 2\n\ny'])
    assert.equal(newSections('', '# C\n'), [])
  })
})
