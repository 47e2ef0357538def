// A run that is killed in the middle leaves every file whole, old or new, and the next run finishes the work.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository, synthesize } from '../../pipeline.ts'
import { copyRepository, repositoryRoot } from '../fixture.ts'

/** Starts synth and kills it as soon as `folder` holds some files; resolves to how many there are then. */
async function killWhileWriting(root: string, folder: string): Promise<number> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'generators/main.ts'), 'synth', '--root', root], {
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  while (child.exitCode === null && filesBelow(folder).length < 20)
    await new Promise((resolve) => setImmediate(resolve))
  child.kill('SIGKILL')
  await ended
  return filesBelow(folder).length
}

function filesBelow(folder: string): string[] {
  const exists = statSync(folder, { throwIfNoEntry: false }) !== undefined
  if (!exists) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'))
}

describe('a killed synth', (test) => {
  test('leaves whole files only, and the next one completes the tree', async () => {
    const root = copyRepository(sampleRoot)
    try {
      const { files } = renderRepository(root, everything)
      const expected = new Map(files.map(({ path, text }) => [path, text]))
      const folder = join(root, 'clusters/prod/rendered')
      rmSync(folder, { recursive: true })
      const written = await killWhileWriting(root, folder)
      assert.ok(written > 0, 'it was killed before it wrote anything')
      for (const path of filesBelow(folder)) {
        const relative = `clusters/prod/rendered/${path.replaceAll('\\', '/')}`
        assert.is(readFileSync(join(folder, path), 'utf8'), expected.get(relative), relative)
      }
      const { comparison, diagnostics } = synthesize(root, everything, { write: true })
      assert.equal(
        diagnostics.filter(({ level }) => level === 'error'),
        [],
      )
      assert.ok(comparison)
      const again = synthesize(root, everything, { write: false })
      assert.equal([again.comparison?.changed, again.comparison?.stale], [[], []])
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
