// Every rendered vLLM command line goes through vLLM's own argument parser. SLIPWAY_VLLM names a folder with a program
// `parse` that reads `vllm serve …` lines and answers `ok` or `REFUSED` for each.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'

interface Container {
  name: string
  command?: string[]
  args?: string[]
}

/** Command lines of the committed tree, with the file each stands in. */
const commandLines = (): { file: string; line: string }[] =>
  globSync('clusters/*/rendered/model-*/deployment-*.yaml', { cwd: repositoryRoot }).flatMap((file) => {
    const { spec } = parse(readFileSync(join(repositoryRoot, file), 'utf8')) as {
      spec: { template: { spec: { containers: Container[] } } }
    }
    return spec.template.spec.containers
      .filter(({ command }) => command?.[0] === 'vllm')
      .map(({ command = [], args = [] }) => ({ file, line: [...command, ...args].map(quote).join(' ') }))
  })

/** As a shell would read it. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

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
  if (folder === undefined) {
    test.skip(sentence, 'SLIPWAY_VLLM is not set')
    return
  }
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
