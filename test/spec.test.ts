// The test harness itself: what must never pass unnoticed.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Report, reportMark } from './report.ts'
import { assert, describe } from './spec.ts'

const spec = fileURLToPath(new URL('./spec.ts', import.meta.url))

async function reportOf(body: string): Promise<{ report: Report; status: number | string | null | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'spec-'))
  const file = join(folder, 'case.ts')
  await writeFile(file, `import { assert, describe } from ${JSON.stringify(spec)}\n${body}\n`)
  const { stdout, status } = await new Promise<{ stdout: string; status: number | string | null | undefined }>(
    (resolve) => {
      execFile(process.execPath, [file], (error, out) => resolve({ stdout: out, status: error?.code ?? 0 }))
    },
  )
  await rm(folder, { recursive: true })
  const line = stdout.split('\n').findLast((text) => text.startsWith(reportMark)) ?? ''
  return { report: JSON.parse(line.slice(reportMark.length)) as Report, status }
}

describe('spec', (test) => {
  test('counts passed and failed tests', async () => {
    const { report, status } = await reportOf(
      `describe('a', (test) => { test('x', () => {}); test('y', () => { assert.is(1, 2) }) })`,
    )
    assert.equal([report.passed, report.failed, status], [1, 1, 1])
  })

  test('fails tests that wait for a promise nobody settles', async () => {
    const { report, status } = await reportOf(
      `describe('a', (test) => { test('x', () => new Promise(() => {}), { timeoutSeconds: 0.2 }); test('y', () => {}) })`,
    )
    assert.equal([report.passed, report.failed, status], [1, 1, 1])
  })

  test('counts a skip with its reason', async () => {
    const { report, status } = await reportOf(`describe('a', (test) => { test.skip('x', 'no server') })`)
    assert.equal([report.skipped, status], [[{ test: 'a: x', reason: 'no server' }], 0])
  })
})
