// More models than the bundled one: a directory in GPT-2’s shape, and a catalogue model fetched from a Hub on loopback.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { repositoryRoot } from '../../generators/test/fixture.ts'
import { commit, FakeHub } from '../../model-server/test/fake-hub.ts'
import { writeGpt2 } from '../../model-server/test/gpt2-directory.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { assert, describe } from '../../test/spec.ts'
import { childrenOf, copyOfRepository, hasProc, isAlive, LocalProcess, pause, until, write } from './local-process.ts'

const port = 18_520
const bundled = join(repositoryRoot, 'model-server/models/tiny-stories')
const file = (path: string): Buffer => readFileSync(join(bundled, path))

/** The bundled model under another id, as it would be on the Hub. */
const hubFiles = Object.fromEntries(
  ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_int8.onnx'].map(
    (path) => [path, file(path)],
  ),
)

function addHubModel(root: string): void {
  write(
    root,
    'apps/models/tiny.yaml',
    `model: acme/tiny\nrevision: ${commit}\nengine: cpu\naliases: [tin]\nclusters: {}\n`,
  )
  const { sha256: _, ...facts } = JSON.parse(
    readFileSync(join(sampleRoot, 'apps/models/tiny-stories.lock.json'), 'utf8'),
  ) as Record<string, unknown>
  const lock = { ...facts, id: 'acme/tiny', revision: commit, parameters: { F32: 957_184 }, safetensors: true }
  write(root, 'apps/models/tiny.lock.json', JSON.stringify(lock))
}

describe('npm start with more models', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-local-'))
  const cache = join(folder, 'cache')
  const directory = join(folder, 'My GPT_2')
  const blocker = createServer()
  const hub = new FakeHub(hubFiles)
  let endpoint: string
  let root: string
  let run: LocalProcess
  let client: OpenAI

  test.before(async () => {
    root = copyOfRepository()
    addHubModel(root)
    mkdirSync(cache)
    writeGpt2(directory, { layers: 2, width: 64, heads: 4, positions: 128, vocabulary: 50_257 })
    endpoint = await hub.start()
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
    run = new LocalProcess(root, ['--model', 'tin', '--model-dir', directory, '--port', String(port)], {
      HF_ENDPOINT: endpoint,
      HF_HOME: cache,
    })
    await run.prints(/Ctrl-C stops everything/)
    const token = /Bearer ([\w.-]+)/.exec(run.out)?.[1] ?? ''
    client = new OpenAI({ baseURL: `http://127.0.0.1:${port + 1}/stream/v1`, apiKey: token, maxRetries: 0 })
  })
  test.after(async () => {
    await run.stop('SIGKILL')
    blocker.close()
    hub.stop()
    for (const path of [root, folder]) rmSync(path, { recursive: true, force: true })
  })

  test('says that a port is taken, and takes the next one', () => {
    assert.match(run.log, new RegExp(`Port ${port} is taken; the gateway listens on ${port + 1}\\.`))
  })

  test('prints a table of at most 80 columns, without colour where there is no terminal', () => {
    const table = run.out.slice(0, run.out.indexOf('Ready in')).trim().split('\n')
    assert.equal(table[0]?.split(/ {2,}/), ['model', 'here', 'cluster', 'gpu', 'instance', '$/hour'])
    assert.equal(
      table.filter((row) => row.length > 80),
      [],
    )
    for (const name of ['my-gpt-2', 'tiny', 'tiny-stories'])
      assert.ok(
        table.some((row) => new RegExp(`^${name} +ready`).test(row)),
        name,
      )
    assert.match(run.out, /Ready in \d+\.\d s: 3 of \d+ models run here\./)
    assert.not(run.out.includes('\u001b'))
  })

  test('prints a curl command that works unchanged', async () => {
    const command = /^curl[\s\S]*?'$/m.exec(run.out.replaceAll('\\\n', ' '))?.[0] ?? ''
    const [, url = ''] = /curl -N (\S+)/.exec(command) ?? []
    const [, body = ''] = / -d '([^']+)'/.exec(command) ?? []
    const headers = Object.fromEntries(
      [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value]),
    )
    const response = await fetch(url, { method: 'POST', headers: headers as Record<string, string>, body })
    const text = await response.text()
    assert.is(response.status, 200, text)
    assert.match(text, /data: \[DONE\]\n\n$/)
  })

  test('serves a directory in GPT-2’s shape under the folder’s name', async () => {
    const answer = await client.completions.create({ model: 'my-gpt-2', prompt: 'Once', max_tokens: 4 })
    assert.is(answer.usage?.completion_tokens, 4)
    const served = await client.models.retrieve('my-gpt-2')
    assert.is((served as unknown as { max_model_len: number }).max_model_len, 128)
  })

  test('fetches a catalogue model, found by its alias, and shows bytes and rate', async () => {
    const answer = await client.completions.create({ model: 'tiny', prompt: 'Once', max_tokens: 4 })
    assert.is(answer.usage?.completion_tokens, 4)
    assert.match(run.log, /tiny +\| acme\/tiny\S* +100% +[\d.]+ of [\d.]+ MB +[\d.]+ MB\/s/)
  })

  if (hasProc) {
    test('a second Ctrl-C kills what does not want to end', async () => {
      const children = childrenOf(run.child.pid)
      assert.is(children.length, 4)
      const stuck = children.find(({ command }) => command.includes('my-gpt-2'))
      process.kill(stuck?.pid ?? 0, 'SIGSTOP')
      run.child.kill('SIGINT')
      await pause(1100)
      assert.is(isAlive(stuck ?? { pid: 0 }), true)
      run.child.kill('SIGINT')
      assert.is(await run.ended, 130)
      await until(() => children.every((child) => !isAlive(child)), 'all are gone')
    })

    test('starts from the cache without any network, and its children end even when it is killed', async () => {
      hub.stop()
      const again = new LocalProcess(root, ['--json', '--model', 'tiny', '--port', String(port)], { HF_HOME: cache })
      const { result } = await again.ready()
      assert.is(result.models.find(({ name }) => name === 'tiny')?.state, 'ready')
      const children = childrenOf(again.child.pid)
      assert.is(children.length, 3)
      await again.stop('SIGKILL')
      await until(() => children.every((child) => !isAlive(child)), 'all are gone')
    })
  } else test.skip('kills and the cache', 'needs /proc to find the children: Linux only')
})
