// The clients that people use, each with every feature it has, against the gateway; docs/clients.md is the table of what came of it.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { npmEnvironment } from '../../../test/npm-environment.ts'
import { pythonEnvironment } from '../../../test/python-environment.ts'
import { assert, describe } from '../../../test/spec.ts'
import { FakeEngine } from '../fake-engine.ts'
import { apiKey, model, startGateway, type TestGateway } from '../harness.ts'
import { type Client, clients, clientsPage, type Outcome } from './clients-page.ts'
import { talkingEngine } from './talking-engine.ts'

const here = import.meta.dirname
const page = join(here, '../../../docs/clients.md')
/** The first call of some clients loads a hundred files, and CI's machines are slow. */
const timeoutSeconds = 120

const requirementsOf = ({ requirements = 'requirements.txt' }: Client): string => join(here, requirements)
const pythons = new Map<string, Awaited<ReturnType<typeof pythonEnvironment>>>()
for (const client of clients.filter(({ script }) => script.endsWith('.py')))
  if (!pythons.has(requirementsOf(client)))
    pythons.set(requirementsOf(client), await pythonEnvironment(requirementsOf(client)))
const npm = await npmEnvironment(join(here, 'npm'))

/** The program that runs a client's script, or why there is none. */
function programOf(client: Client): { program: string } | { missing: string } {
  if (!client.script.endsWith('.py')) return 'missing' in npm ? npm : { program: process.execPath }
  const made = pythons.get(requirementsOf(client)) ?? { missing: 'no Python was made' }
  return 'missing' in made ? made : { program: made.python }
}

describe('the table of clients', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway
  /** The scripts where Node finds the packages: beside them. */
  const scripts = mkdtempSync(join(tmpdir(), 'slipway-clients-'))
  const outcomes = new Map<Client, Outcome>()

  test.before(async () => {
    cpSync(join(here, 'npm'), join(scripts, 'npm'), { recursive: true })
    cpSync(join(here, 'python'), join(scripts, 'python'), { recursive: true })
    if ('folder' in npm) symlinkSync(join(npm.folder, 'node_modules'), join(scripts, 'node_modules'))
    engine = await FakeEngine.start(talkingEngine)
    const spec = { ...model('x', []).spec, maxOutput: 0 }
    gateway = await startGateway([
      model('writer', [engine.endpoint]),
      model('embedder', [engine.endpoint], { task: 'feature-extraction', spec }),
      model('ranker', [engine.endpoint], { task: 'text-ranking', spec }),
    ])
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
    rmSync(scripts, { recursive: true })
  })

  let skipped: string | undefined
  for (const client of clients) {
    const sentence = `${client.name}: every feature works`
    const found = programOf(client)
    if ('missing' in found) {
      skipped = found.missing
      test.skip(sentence, found.missing)
    } else
      test(
        sentence,
        async () => {
          const env = { PATH: process.env.PATH, HOME: scripts, SLIPWAY_URL: gateway.url, SLIPWAY_KEY: apiKey }
          const { stdout } = await promisify(execFile)(found.program, [join(scripts, client.script)], { env })
          const outcome = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome
          for (const [feature, result] of Object.entries(outcome))
            assert.not('error' in result, `${feature}: ${JSON.stringify(result)}`)
          assert.ok(outcome.errors, 'it was tried what becomes of an error')
          outcomes.set(client, outcome)
        },
        { timeoutSeconds },
      )
  }

  const compared = 'docs/clients.md says what came of the run'
  if (skipped !== undefined) test.skip(compared, skipped)
  else
    test(compared, () => {
      const text = clientsPage(outcomes)
      if (process.env.UPDATE_CLIENTS) writeFileSync(page, text)
      assert.is(readFileSync(page, 'utf8'), text, 'UPDATE_CLIENTS=1 writes it')
    })
})
