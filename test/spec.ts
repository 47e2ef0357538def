// The only way to write a test here: describe() over uvu, so that nothing can vanish without being counted.
// Prints the outline; a skip needs a reason; a test that never ends fails after 30 s; there is no `only`.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Report, reportMark } from './report.ts'

export { assert }

type Body = () => unknown | Promise<unknown>

export interface Test {
  (sentence: string, body: Body, options?: { timeoutSeconds: number }): void
  /** Counted and printed with its reason. */
  skip(sentence: string, reason: string): void
  before(body: Body): void
  after(body: Body): void
}

const report: Report = { passed: 0, failed: 0, skipped: [] }
let registered = 0
/** Time for what follows the last test; a server that was left running would keep the process forever. */
const lingerSeconds = 90
let linger: NodeJS.Timeout | undefined
const outline: string[] = []

export function describe(subject: string, define: (test: Test) => void): void {
  const tests = suite(subject)
  outline.push(subject)
  const add = (sentence: string, body: Body, options = { timeoutSeconds: 30 }) => {
    registered += 1
    tests(sentence, async () => {
      const started = performance.now()
      try {
        await withTimeout(body, options.timeoutSeconds)
        report.passed += 1
        outline.push(`  ok    ${subject}: ${sentence} (${Math.round(performance.now() - started)} ms)`)
      } catch (error) {
        report.failed += 1
        outline.push(`  FAIL  ${subject}: ${sentence}`)
        throw error
      } finally {
        if (report.passed + report.failed === registered) endLater()
      }
    })
  }
  const skip = (sentence: string, reason: string) => {
    report.skipped.push({ test: `${subject}: ${sentence}`, reason })
    outline.push(`  SKIP  ${subject}: ${sentence} (${reason})`)
  }
  define(Object.assign(add, { skip, before: tests.before, after: tests.after }))
  tests.run()
}

function endLater(): void {
  clearTimeout(linger)
  linger = setTimeout(() => {
    outline.push(`  FAIL  something still runs ${lingerSeconds} s after the last test`)
    report.failed += 1
    process.exit(1)
  }, lingerSeconds * 1000).unref()
}

async function withTimeout(body: Body, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1000)
  })
  try {
    await Promise.race([body(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

// A promise that nothing will ever settle ends the process without a word; the tests it took along count as failed.
process.on('exit', () => {
  const lost = Math.max(0, registered - report.passed - report.failed)
  if (lost > 0) outline.push(`  FAIL  ${lost} of ${registered} tests never ended or never ran`)
  report.failed += lost
  process.stdout.write(`\n${outline.join('\n')}\n${reportMark}${JSON.stringify(report)}\n`)
  if (report.failed > 0) process.exitCode = 1
})
