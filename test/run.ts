// Runs every test file in a process of its own, two at a time, and sums: the last line is `N passed, N failed`.
// Arguments are parts of paths: `npm test -- plan` runs the files whose path contains "plan".
// `--suite NAME` runs the files `*.NAME.ts` in place of `*.test.ts`; options of Node pass on to their processes.
import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { outliveReaders } from '../generators/command-line/outlive-readers.ts'
import { type Report, reportMark } from './report.ts'

const parallel = 2
/** The cluster suite takes 14 minutes on two cores that do nothing else. */
const fileTimeoutMs = 30 * 60 * 1000
const lastWordsMs = 2000

interface Outcome {
  file: string
  output: string
  seconds: number
  report: Report
}

function runFile(file: string): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, '--enable-source-maps', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0' },
      timeout: fileTimeoutMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        output += text
      })
    }
    child.on('exit', (_status, signal) => {
      if (signal === 'SIGKILL') output += `\nended from outside, or after ${fileTimeoutMs / 60_000} minutes\n`
      // Processes that it left behind would keep its output open.
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => void stream.destroy()), lastWordsMs).unref()
    })
    child.on('close', (status) => {
      const seconds = (performance.now() - started) / 1000
      resolve({ file, output: withoutReport(output), seconds, report: reportOf(output, status) })
    })
  })
}

const withoutReport = (output: string): string =>
  output
    .split('\n')
    .filter((line) => !line.startsWith(reportMark))
    .join('\n')

/** A file without tests, without a report or with an unexplained exit code counts as one failure. */
function reportOf(output: string, status: number | null): Report {
  const line = output.split('\n').findLast((text) => text.startsWith(reportMark))
  if (line === undefined) return { passed: 0, failed: 1, skipped: [] }
  const report = JSON.parse(line.slice(reportMark.length)) as Report
  const empty = report.passed + report.failed + report.skipped.length === 0
  const unexplained = status !== 0 && report.failed === 0
  return empty || unexplained ? { ...report, failed: report.failed + 1 } : report
}

function print({ file, output, seconds, report }: Outcome): void {
  const state = report.failed > 0 ? 'FAIL' : 'ok'
  console.log(`${state.padEnd(5)} ${file}  ${report.passed} passed, ${report.failed} failed  ${seconds.toFixed(1)} s`)
  if (report.failed > 0) console.log(output)
  for (const { test, reason } of report.skipped) console.log(`      SKIPPED ${test}: ${reason}`)
}

outliveReaders()

const { values, positionals: wanted } = parseArgs({
  options: { suite: { type: 'string', default: 'test' } },
  allowPositionals: true,
})
const ending = `.${values.suite}.ts`
const files = (await Array.fromAsync(glob(`*/{test,*/test}/**/*${ending}`, { exclude: ['node_modules/**'] })))
  .concat(await Array.fromAsync(glob([`test/*${ending}`, `.github/test/*${ending}`])))
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file, index, all) => all.indexOf(file) === index)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) {
  console.error(`no file *${ending} matches ${wanted.join(' ')}`)
  process.exit(1)
}

const outcomes: Outcome[] = []
const queue = [...files]
await Promise.all(
  Array.from({ length: parallel }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(file)
      outcomes.push(outcome)
      print(outcome)
    }
  }),
)

const sum = (pick: (report: Report) => number) => outcomes.reduce((total, { report }) => total + pick(report), 0)
const failed = sum((report) => report.failed)
console.log(`${sum((report) => report.skipped.length)} skipped`)
console.log(`${sum((report) => report.passed)} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
