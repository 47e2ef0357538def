// Writing the rendered tree: only what changed, only our own files deleted, never half a file.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { compareTree } from '../../write/compare-tree.ts'
import type { RenderedFile } from '../../write/rendered-file.ts'
import { writeTree } from '../../write/write-tree.ts'

const header = '# Generated from apps/models/a.yaml by npm run synth; do not edit.\n'
const folder = 'clusters/c/rendered'
const file = (name: string, text = 'kind: A\n'): RenderedFile => ({ path: `${folder}/${name}`, text: header + text })
const scope = { folders: [folder] }

function withRepository(files: Record<string, string>, use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'slipway-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  try {
    use(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const write = (root: string, files: RenderedFile[]) => {
  const comparison = compareTree(root, files, scope)
  writeTree(root, comparison, () => {})
  return comparison
}

describe('writeTree', (test) => {
  test('writes only files that changed', () =>
    withRepository({}, (root) => {
      write(root, [file('a/x.yaml'), file('a/y.yaml')])
      const before = statSync(join(root, folder, 'a/x.yaml'), { bigint: true })
      const second = write(root, [file('a/x.yaml'), file('a/y.yaml', 'kind: B\n')])
      assert.equal(
        second.changed.map((change) => change.file.path),
        [`${folder}/a/y.yaml`],
      )
      assert.is(statSync(join(root, folder, 'a/x.yaml'), { bigint: true }).mtimeNs, before.mtimeNs)
    }))

  test('deletes a stale file of ours and the folder it leaves empty', () =>
    withRepository({}, (root) => {
      write(root, [file('a/x.yaml'), file('b/y.yaml')])
      const { stale } = write(root, [file('a/x.yaml')])
      assert.equal(stale, [`${folder}/b/y.yaml`])
      assert.equal(readdirSync(join(root, folder)), ['a'])
    }))

  test('reports a foreign file and does not delete it', () =>
    withRepository({ [`${folder}/a/notes.txt`]: 'mine' }, (root) => {
      const { diagnostics, stale } = compareTree(root, [file('a/x.yaml')], scope)
      assert.equal([diagnostics.map(({ code }) => code), stale], [['RENDERED_FOREIGN'], []])
    }))

  test('does not follow a link out of the rendered folder', () =>
    withRepository({ 'elsewhere/x.yaml': `${header}kind: A\n` }, (root) => {
      mkdirSync(join(root, folder), { recursive: true })
      symlinkSync(join(root, 'elsewhere'), join(root, folder, 'a'))
      const { diagnostics } = compareTree(root, [], scope)
      assert.equal(
        diagnostics.map(({ position }) => position.file),
        [`${folder}/a`],
      )
      assert.ok(existsSync(join(root, 'elsewhere/x.yaml')))
    }))

  test('refuses a rendered folder that is itself a link', () =>
    withRepository({ 'elsewhere/x.yaml': `${header}kind: A\n` }, (root) => {
      mkdirSync(join(root, 'clusters/c'), { recursive: true })
      symlinkSync(join(root, 'elsewhere'), join(root, folder))
      assert.is(compareTree(root, [], scope).diagnostics.length, 1)
    }))

  test('clears what an interrupted run left behind', () =>
    withRepository({ [`${folder}/a/x.yaml.slipway-tmp`]: '# Gener' }, (root) => {
      write(root, [file('a/x.yaml')])
      assert.equal(readdirSync(join(root, folder, 'a')), ['x.yaml'])
      assert.is(readFileSync(join(root, folder, 'a/x.yaml'), 'utf8'), `${header}kind: A\n`)
    }))

  test('with a narrower scope leaves files outside it alone', () =>
    withRepository({}, (root) => {
      write(root, [file('model-a/x.yaml'), file('model-b/y.yaml')])
      const { stale } = compareTree(root, [], { folders: [`${folder}/model-b`] })
      assert.equal(stale, [`${folder}/model-b/y.yaml`])
    }))
})
