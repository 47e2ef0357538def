// Clients that two generators make of the OpenAPI document: it is valid, what they make compiles, and it works.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { npmEnvironment } from '../../../test/npm-environment.ts'
import { assert, describe } from '../../../test/spec.ts'
import { FakeEngine } from '../fake-engine.ts'
import { apiKey, model, startGateway, type TestGateway } from '../harness.ts'
import { pythonWithClients } from './python-client.ts'
import { talkingEngine } from './talking-engine.ts'

const python = await pythonWithClients()
const npm = await npmEnvironment(join(import.meta.dirname, 'npm'))
const timeoutSeconds = 120

/** What each program prints. */
const printed = ['Hello there.', 'Hello there.', '[1,0]', '4,1,2', 'writer', 'model_not_found']

const inTypeScript = `import * as api from './generated/sdk.gen.ts'
import { client } from './generated/client.gen.ts'
import { env } from 'node:process'

client.setConfig({ baseUrl: env.SLIPWAY_URL + '/stream', auth: env.SLIPWAY_KEY })
const messages = [{ role: 'user', content: 'Hello' }]
const chat = await api.v1ChatCompletions({ body: { model: 'writer', messages }, throwOnError: true })
const message = await api.v1Messages({ body: { model: 'writer', messages, max_tokens: 9 }, throwOnError: true })
const ranked = await api.v2Rerank({ body: { model: 'ranker', query: 'q', documents: ['aa', 'bbbb'] }, throwOnError: true })
const vectors = await api.v1Embeddings({ body: { model: 'embedder', input: ['four'], encoding_format: 'float' }, throwOnError: true })
const one = await api.getV1ModelsModel({ path: { model: 'org/writer' }, throwOnError: true })
const failed = await api.modelsModelV1ChatCompletions({ path: { model: 'nobody' }, body: { messages } })
const text: string | null = chat.data.choices[0]!.message.content
console.log(text)
console.log(message.data.content[0]!.text)
console.log(JSON.stringify(ranked.data.results.map(({ index }) => index)))
console.log(String(vectors.data.data[0]!.embedding))
console.log(one.data.id)
console.log(failed.error?.error.code)
`

const inPython = `import json
import os

from generated import AuthenticatedClient
from generated.api.default import (
    get_v1_models_model,
    models_model_v1_chat_completions,
    v1_chat_completions,
    v1_embeddings,
    v1_messages,
    v2_rerank,
)
from generated import models

client = AuthenticatedClient(base_url=os.environ["SLIPWAY_URL"] + "/stream", token=os.environ["SLIPWAY_KEY"])
hello = {"messages": [{"role": "user", "content": "Hello"}]}
chat = models.V1ChatCompletionsBody.from_dict({"model": "writer", **hello})
print(v1_chat_completions.sync(client=client, body=chat).choices[0].message.content)
message = models.V1MessagesBody.from_dict({"model": "writer", "max_tokens": 9, **hello})
print(v1_messages.sync(client=client, body=message).content[0].text)
ranked = models.V2RerankBody(model="ranker", query="q", documents=["aa", "bbbb"])
print(json.dumps([one.index for one in v2_rerank.sync(client=client, body=ranked).results], separators=(",", ":")))
texts = models.V1EmbeddingsBody(model="embedder", input_=["four"], encoding_format=models.V1EmbeddingsBodyEncodingFormat.FLOAT)
print(*[round(one) for one in v1_embeddings.sync(client=client, body=texts).data[0].embedding], sep=",")
print(get_v1_models_model.sync("org/writer", client=client).id)
nobody = models.ModelsModelV1ChatCompletionsBody.from_dict(hello)
print(models_model_v1_chat_completions.sync("nobody", client=client, body=nobody).error.code)
`

describe('clients generated from the OpenAPI document', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway
  const folder = mkdtempSync(join(tmpdir(), 'slipway-generated-'))
  const file = join(folder, 'openapi.json')
  test.before(async () => {
    engine = await FakeEngine.start(talkingEngine)
    const spec = { ...model('x', []).spec, maxOutput: 0 }
    gateway = await startGateway([
      model('writer', [engine.endpoint]),
      model('embedder', [engine.endpoint], { task: 'feature-extraction', spec }),
      model('ranker', [engine.endpoint], { task: 'text-ranking', spec }),
    ])
    writeFileSync(file, await (await fetch(`${gateway.url}/openapi.json`)).text())
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
    rmSync(folder, { recursive: true })
  })

  const run = async (program: string, args: readonly string[], cwd = folder): Promise<string> => {
    const env = { ...process.env, SLIPWAY_URL: gateway.url, SLIPWAY_KEY: apiKey }
    try {
      return (await promisify(execFile)(program, args, { cwd, env })).stdout
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string }
      throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`)
    }
  }

  if ('missing' in python) test.skip('in Python', python.missing)
  else {
    test('begin with a document that openapi-spec-validator finds valid', async () => {
      assert.match(await run(python.python, ['-m', 'openapi_spec_validator', file]), /OK/)
    })

    test(
      'in Python, by openapi-python-client, compile and work',
      async () => {
        const args = ['generate', '--path', file, '--output-path', join(folder, 'generated'), '--meta', 'none']
        // It looks for a formatter on PATH.
        const path = `${dirname(python.python)}:${process.env.PATH}`
        const said = await run('env', [`PATH=${path}`, 'python', '-m', 'openapi_python_client', ...args])
        assert.not.match(said, /Warning|Unable|Skipping/)
        await run(python.python, ['-m', 'compileall', '-q', 'generated'])
        assert.equal((await run(python.python, ['-c', inPython])).trim().split('\n'), printed)
      },
      { timeoutSeconds },
    )
  }

  if ('missing' in npm) test.skip('in TypeScript', npm.missing)
  else
    test(
      'in TypeScript, by @hey-api/openapi-ts, compile and work',
      async () => {
        const made = mkdtempSync(join(folder, 'typescript-'))
        symlinkSync(join(npm.folder, 'node_modules'), join(made, 'node_modules'))
        const bin = (name: string): string => join(npm.folder, 'node_modules/.bin', name)
        await run(bin('openapi-ts'), ['-i', file, '-o', 'generated'], made)
        writeFileSync(join(made, 'program.ts'), inTypeScript)
        const options = [
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          '--allowImportingTsExtensions',
          '--noUncheckedIndexedAccess',
        ]
        const types = [
          '--module',
          'esnext',
          '--moduleResolution',
          'bundler',
          '--target',
          'esnext',
          '--typeRoots',
          join(import.meta.dirname, '../../../node_modules/@types'),
          '--types',
          'node',
        ]
        await run(bin('tsc'), [...options, ...types, 'program.ts'], made)
        const outfile = join(made, 'program.mjs')
        await build({ entryPoints: [join(made, 'program.ts')], outfile, bundle: true, format: 'esm', platform: 'node' })
        assert.equal((await run(process.execPath, [outfile])).trim().split('\n'), printed)
      },
      { timeoutSeconds },
    )
})
