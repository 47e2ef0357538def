// What ARCHITECTURE.md, the READMEs and docs/ say about the structure is compared with the files.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { textOf } from './documents.ts'
import { importMatrix, sideEffects } from './import-matrix.ts'
import { propertiesOfLiterals, readImports, root, type SourceImports, typescriptFiles } from './source-files.ts'
import { assert, describe } from './spec.ts'

const isTest = (file: string): boolean => file.startsWith('test/') || file.includes('/test/')
const sources = typescriptFiles().map(readImports)
const program = sources.filter(({ file }) => !isTest(file))

/** The longest entry of the matrix that holds the file. */
const ownerOf = (file: string, owners: readonly string[]): string | undefined =>
  owners.filter((owner) => file === owner || file.startsWith(`${owner}/`)).sort((a, b) => b.length - a.length)[0]

const owners = Object.keys(importMatrix)

/** The first folder of a path; workflows have their programs one deeper. */
const partOf = (path: string): string => /^(?:\.github\/scripts|[^/]+)/.exec(path)?.[0] ?? path

function cyclesFrom(files: readonly SourceImports[]): string[] {
  const imports = new Map(files.map(({ file, values }) => [file, values]))
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    state.set(file, 'open')
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const { file } of files) visit(file, [])
  return cycles
}

describe('structure', (test) => {
  test('every program file belongs to a row of the import matrix', () => {
    assert.equal(
      program.filter(({ file }) => ownerOf(file, owners) === undefined).map(({ file }) => file),
      [],
    )
  })

  test('values are imported only along the matrix', () => {
    const wrong = program.flatMap(({ file, values }) => {
      const owner = ownerOf(file, owners) ?? ''
      const allowed = [owner, ...(importMatrix[owner] ?? [])]
      return values.filter((value) => ownerOf(value, allowed) === undefined).map((value) => `${file} imports ${value}`)
    })
    assert.equal(wrong, [])
  })

  test('no file imports itself through others', () => {
    assert.equal(cyclesFrom(sources), [])
  })

  test('a folder of the gateway imports only folders above it in the matrix, and holds at most twelve files', () => {
    const folders = owners.filter((owner) => owner.startsWith('gateway/'))
    const upwards = folders.flatMap((folder, index) =>
      (importMatrix[folder] ?? []).filter((to) => folders.indexOf(to) >= index).map((to) => `${folder} imports ${to}`),
    )
    assert.equal(upwards, [])
    const count = (folder: string) => program.filter(({ file }) => dirname(file) === folder).length
    assert.equal(
      ['gateway', ...folders].filter((folder) => count(folder) > 12),
      [],
    )
  })

  test('file system, network, clock, randomness and process stay at the edges', () => {
    const effect = /\bprocess\.|\bfetch\(|\bMath\.random\(|\bDate\.now\(|\bnew Date\(|\bperformance\./
    const impure = /^node:(?:fs|http|https|net|child_process|os|worker_threads|dns|tls)/
    const wrong = program
      .filter(({ file }) => ownerOf(file, sideEffects) === undefined)
      .filter(({ text, packages }) => effect.test(withoutComments(text)) || packages.some((name) => impure.test(name)))
    assert.equal(
      wrong.map(({ file }) => file),
      [],
    )
  })

  test('diagnostics are made by one function', () => {
    const made = program
      .filter(({ text }) => text.includes('hint'))
      .flatMap(({ file, text }) =>
        propertiesOfLiterals(file, text)
          .filter((names) => names.has('hint') && (names.has('position') || names.has('level')))
          .map(() => file),
      )
    assert.equal(made, ['generators/diagnostics/diagnose.ts'])
  })

  test('cdk8s-plus is imported in one module', () => {
    const importers = program.filter(({ text }) => text.includes("'cdk8s-plus-34'")).map(({ file }) => file)
    assert.equal(importers, ['generators/render/kinds.ts'])
  })

  test('every file says in its first line what it is for', () => {
    assert.equal(
      sources.filter(({ text }) => !/^(?:\/\/|\/\*\*) ?\S/.test(text)).map(({ file }) => file),
      [],
    )
  })

  test('no folder is named after nothing in particular', () => {
    const vague = /\/(?:utils?|helpers?|common|misc|lib|core|shared|base|manager)\//
    assert.equal(
      sources.filter(({ file }) => vague.test(`/${file}`)).map(({ file }) => file),
      [],
    )
  })

  test('no program file is longer than 250 lines', () => {
    const long = program.filter(({ text }) => text.split('\n').length > 250)
    assert.equal(
      long.map(({ file, text }) => `${file}: ${text.split('\n').length}`),
      [],
    )
  })

  test('tests are written through describe() alone', () => {
    const wrong = sources.filter(
      ({ file, packages, text }) =>
        file !== 'test/spec.ts' &&
        (packages.some((name) => name === 'uvu' || name.startsWith('uvu/')) || /\.only\(/.test(text)),
    )
    assert.equal(
      wrong.map(({ file }) => file),
      [],
    )
  })

  test('no cluster is named in code', () => {
    const names = readdirSync(join(root, 'clusters'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    // `dev` and `prod` are also the two environments, which the schema declares.
    const allowed = ['generators/schema/environments.ts', 'generators/validate/', 'bench/']
    const wrong = program
      .filter(({ file }) => !allowed.some((prefix) => file.startsWith(prefix)))
      .filter(({ text }) =>
        names.some(({ name }) => new RegExp(`['"]${name}['"]|clusters/${name}`).test(withoutComments(text))),
      )
    assert.equal(
      wrong.map(({ file }) => file),
      [],
    )
  })
})

/** Strings stay: `/models/*` in one begins no comment. */
const withoutComments = (text: string): string =>
  text.replace(
    /(`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
    (_, kept: string | undefined) => kept ?? '',
  )

describe('prose', (test) => {
  const architecture = textOf('ARCHITECTURE.md')
  const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
    dependencies: Record<string, string>
    devDependencies: Record<string, string>
    optionalDependencies: Record<string, string>
  }
  const rows = (text: string, heading: string): string[][] => {
    const section = text.split(new RegExp(`^##? ${heading}$`, 'm'))[1]?.split(/^## /m)[0] ?? ''
    const lines = section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
    return lines.map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  }
  const code = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

  test('the page of commands lists every npm script, and no other', () => {
    const listed = rows(textOf('docs/reference/commands.md'), 'Commands').map(
      ([cell]) => /npm (?:run )?([\w:-]+)/.exec(cell ?? '')?.[1] ?? '',
    )
    assert.equal([...new Set(listed)].sort(), Object.keys(packageJson.scripts).sort())
  })

  test('the README’s tree names what is there', () => {
    const cells = rows(textOf('README.md'), 'Where to look').map(([cell]) => cell ?? '')
    const listed = cells.filter((cell) => /^`.+`$/.test(cell)).map(code)
    assert.equal(
      listed.filter((path) => !existsSync(join(root, path))),
      [],
    )
    const folders = readdirSync(root, { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && !['node_modules', '.git', '.slipway', '.vscode', '.ci'].includes(entry.name),
      )
      .map(({ name }) => `${name}/`)
    assert.equal(
      folders.filter((folder) => !listed.includes(folder)),
      [],
    )
  })

  test('every path that docs/how-to says to edit is there', () => {
    const paths = rows(textOf('docs/how-to/README.md'), 'I want to change …').flatMap(([, cell]) =>
      [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    )
    const fixed = paths.filter((path) => path.includes('/') && !/[*<]|NAME/.test(path) && !path.startsWith('npm '))
    assert.ok(fixed.length > 5)
    assert.equal(
      fixed.filter((path) => !existsSync(join(root, path))),
      [],
    )
  })

  const shown = (text: string): Record<string, string[]> =>
    Object.fromEntries(
      rows(text, 'Who may import whom').map(([from, to]) => [code(from), to === '–' ? [] : code(to).split(', ')]),
    )

  test('the READMEs of the parts show the import matrix that is checked', () => {
    const parts = ['generators', 'gateway', 'platform']
    for (const part of parts)
      assert.equal(
        shown(textOf(`${part}/README.md`)),
        Object.fromEntries(Object.entries(importMatrix).filter(([owner]) => partOf(owner) === part)),
        part,
      )
  })

  test('ARCHITECTURE shows what each part imports of others', () => {
    const others: Record<string, string[]> = {}
    for (const [owner, allowed] of Object.entries(importMatrix)) {
      const before = others[partOf(owner)] ?? []
      others[partOf(owner)] = [...new Set([...before, ...allowed.filter((to) => partOf(to) !== partOf(owner))])]
    }
    assert.equal(shown(architecture), others)
  })

  test('every dependency has one reason in ARCHITECTURE, at an exact version', () => {
    const { dependencies, devDependencies, optionalDependencies } = packageJson
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
    assert.equal(
      rows(architecture, 'Packages')
        .flatMap(([cell]) => code(cell).split(', '))
        .sort(),
      Object.keys(all).sort(),
    )
    assert.equal(
      Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    )
  })

  test('the lock file names no registry', () => {
    assert.not.match(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved":/)
  })
})
