// Every rendered vLLM command line goes through vLLM's own argument parser, and what was recorded from it is recorded again.
// SLIPWAY_VLLM names a folder with a program `parse` that reads `vllm serve …` lines and answers `ok` or `REFUSED` for each, and
// a program `setup` that prints the Python environment.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import type { Recording } from '../../engines/engine.ts'
import { repositoryRoot } from '../fixture.ts'

interface Container {
  name: string
  command?: string[]
  args?: string[]
}

const renderedDeployments = (): string[] =>
  [repositoryRoot, sampleRoot].flatMap((cwd) =>
    globSync('clusters/*/rendered/model-*/deployment-*.yaml', { cwd }).map((file) => join(cwd, file)),
  )

/** Command lines of the committed tree and of the samples, with the file of each. */
const commandLines = (): { file: string; line: string }[] =>
  renderedDeployments().flatMap((file) => {
    const { spec } = parse(readFileSync(file, 'utf8')) as {
      spec: { template: { spec: { containers: Container[] } } }
    }
    return spec.template.spec.containers
      .filter(({ command }) => command?.[0] === 'vllm')
      .map(({ command = [], args = [] }) => ({ file, line: [...command, ...args].map(quote).join(' ') }))
  })

/** As a shell would read it. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

const run = (program: string, args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, VLLM_NO_USAGE_STATS: '1', VLLM_LOGGING_LEVEL: 'ERROR', HF_HUB_OFFLINE: '1' }
    execFile(program, args, { maxBuffer: 1 << 26, env }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr || error.message)),
    )
  })

function ask(program: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout === '' && error !== null) reject(new Error(stderr || error.message))
      else resolve(stdout)
    })
    child.stdin?.end(`${lines.join('\n')}\n`)
  })
}

describe('the real vLLM parser', (test) => {
  const folder = process.env.SLIPWAY_VLLM
  const sentence = 'accepts every rendered command line, and refuses a wrong one'
  const recording = 'is what was recorded from it'
  if (folder === undefined) {
    for (const one of [sentence, recording]) test.skip(one, 'SLIPWAY_VLLM is not set')
    return
  }
  test(
    recording,
    async () => {
      const environment = (await run(join(folder, 'setup'), [])).trim()
      const script = join(repositoryRoot, 'generators/engines/record-vllm.py')
      const recorded = JSON.parse(await run(join(environment, 'bin/python'), ['-W', 'ignore', script])) as Recording
      const path = join(repositoryRoot, `generators/engines/flags/vllm-${recorded.version}.json`)
      assert.equal(recorded, JSON.parse(readFileSync(path, 'utf8')))
    },
    { timeoutSeconds: 900 },
  )
  test(
    sentence,
    async () => {
      const rendered = commandLines()
      assert.ok(rendered.length >= 8, 'the catalogue has vLLM models')
      const wrong = 'vllm serve /models/x --no-such-flag=1'
      const answers = await ask(join(folder, 'parse'), [...rendered.map(({ line }) => line), wrong])
      const accepted = answers.split('\n').filter((answer) => answer.startsWith('ok '))
      const refused = answers.split('\n').filter((answer) => answer.startsWith('REFUSED '))
      assert.equal(refused, [`REFUSED ${wrong}`], answers)
      assert.is(accepted.length, rendered.length)
    },
    { timeoutSeconds: 900 },
  )
})
