// The program as its supervisor sees it: help, mistakes, start, signals, end.
import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { loadModel } from '../model/load-model.ts'
import { noBinary, platformsWithBinary } from '../model/runtime.ts'
import { readServe } from '../options.ts'
import { UserMistake } from '../user-mistake.ts'
import { readFetch } from '../weight-options.ts'
import { bundledModel, type Exit, eventsOf, pause, ServerProcess, startServer } from './server-process.ts'

const run = (...args: string[]): Promise<Exit> => new ServerProcess(args).ended

describe('the program', (test) => {
  test('prints its help', async () => {
    const { code, output } = await run('--help')
    assert.is(code, 0)
    assert.match(output, /--served-model-name=NAME/)
    assert.match(output, /HF_ENDPOINT/)
  })

  const mistakes: [args: string[], message: RegExp][] = [
    [[], /give either --model-dir DIR or --model ID/],
    [['--modeldir', '/nowhere'], /Unknown option '--modeldir'; --help lists/],
    [['--model-dir', 'd', '--port', 'x'], /--port x: write a whole number from 0 to 65535/],
    [['--model-dir', 'd', '--dtype', 'q5'], /--dtype q5: unknown; write one of int8, q8, q4, fp32, uint8/],
    [['--model-dir', 'd', '--revision', 'main'], /--revision belongs to --model/],
    [['--model', '../x'], /not a Hub id; write it as owner\/name/],
  ]
  for (const [args, message] of mistakes)
    test(`refuses ${args.join(' ') || 'to serve nothing'}`, () => assert.throws(() => readServe(args), message))

  const fetchMistakes: [args: string[], message: RegExp][] = [
    [['--model', 'a/b'], /--to is missing/],
    [['--to', 'd'], /give either --model ID or --bundled DIR/],
    [['--to', 'd', '--model', 'a/b', '--sha256', 'f=12'], /write it as FILE=HEX with 64 hex digits/],
  ]
  for (const [args, message] of fetchMistakes)
    test(`refuses fetch ${args.join(' ')}`, () => assert.throws(() => readFetch(args), message))

  const failures: [args: string[], message: RegExp][] = [
    [['bake'], /bake: unknown command; there are serve and fetch/],
    [['--model-dir', '/nowhere'], /\/nowhere: no such directory/],
    [['--model-dir', bundledModel, '--dtype', 'q4'], /model_int8.onnx.*--dtype q4/],
    [
      ['--model-dir', bundledModel, '--max-model-len', '99999'],
      /--max-model-len 99999: .* has \d+ positions; give at most/,
    ],
    [['fetch', '--to', '/tmp/x', '--bundled', '/nowhere'], /--bundled \/nowhere: no such directory in this image/],
  ]
  for (const [args, message] of failures)
    test(`prints ${message.source} in one line and ends with 1`, async () => {
      const { code, errors } = await run(...args)
      assert.is(code, 1, errors)
      assert.match(errors, message)
      assert.is(errors.trim().split('\n').length, 1, errors)
    })

  test('leaves nothing in the user’s home: onnxruntime reports no usage', async () => {
    const home = mkdtempSync(join(tmpdir(), 'slipway-home-'))
    try {
      // In CI onnxruntime would be silent by itself.
      const silent = { CI: '', GITHUB_ACTIONS: '', TF_BUILD: '', CIRCLECI: '' }
      const server = new ServerProcess(['--model-dir', bundledModel, '--host', '127.0.0.1', '--port', '0'], {
        ...silent,
        HOME: home,
        XDG_CACHE_HOME: home,
      })
      const { port } = await server.line('listening')
      assert.is((await fetch(`http://127.0.0.1:${port}/health`)).status, 200)
      await server.stop()
      assert.equal(readdirSync(home), [])
    } finally {
      rmSync(home, { recursive: true })
    }
  })

  test('names which file of a model is broken, and how', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-broken-'))
    try {
      const load = async (breakIt: () => void): Promise<unknown> => {
        rmSync(directory, { recursive: true })
        cpSync(bundledModel, directory, { recursive: true })
        breakIt()
        const options = {
          modelDirectory: directory,
          dtype: undefined,
          maxModelLen: undefined,
          mostRunning: 1,
          threads: 1,
        }
        return loadModel(options).catch((error: unknown) => error)
      }
      const cases: [RegExp, () => void][] = [
        [/config\.json: missing/, () => rmSync(join(directory, 'config.json'))],
        [/tokenizer\.json: not JSON/, () => writeFileSync(join(directory, 'tokenizer.json'), '{')],
        [
          /tokenizer\.json: cannot be used/,
          () => writeFileSync(join(directory, 'tokenizer.json'), '{"model":{"type":"None"}}'),
        ],
        [
          /model_int8\.onnx \(1000 bytes\): not an ONNX graph/,
          () => truncateSync(join(directory, 'onnx/model_int8.onnx'), 1000),
        ],
        [
          /holds nothing, but no graph|holds nothing, but no ONNX graph/,
          () => rmSync(join(directory, 'onnx'), { recursive: true }),
        ],
        [/chat template cannot be parsed/, () => writeFileSync(join(directory, 'chat_template.jinja'), '{% if %}')],
      ]
      for (const [message, breakIt] of cases) {
        const mistake = await load(breakIt)
        assert.instance(mistake, UserMistake)
        assert.match((mistake as Error).message, message)
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  test('reports that a port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as { port: number }
    const { code, errors } = await run('--model-dir', bundledModel, '--host', '127.0.0.1', '--port', String(port))
    blocker.close()
    assert.is(code, 1)
    assert.match(errors, new RegExp(`--port ${port}: taken on 127.0.0.1; give another one`))
  })

  test('names where there is a binary of onnxruntime, on a platform without one', () => {
    const platforms = platformsWithBinary()
    assert.ok(platforms.includes(`${process.platform}-${process.arch}`))
    const message = noBinary('darwin-x64', platforms)
    assert.match(message, /no binary for darwin-x64, only for .*linux-x64/)
    assert.not(message.includes('\n'))
  })
})

describe('its end', (test) => {
  const body = { prompt: 'Once', max_tokens: 200, ignore_eos: true, stream: true }

  test('after SIGTERM open streams go on to their end, and new requests are sent elsewhere', async () => {
    const server = await startServer()
    const streams = await Promise.all([1, 2, 3].map(() => server.post('/v1/completions', body)))
    server.process.child.kill('SIGTERM')
    await server.process.line('draining')
    const refused = await server.post('/v1/completions', body)
    assert.equal([refused.status, refused.headers.get('retry-after')], [503, '1'])
    assert.is((await fetch(`${server.url}/health`)).status, 200)
    for (const stream of streams) assert.is(eventsOf(await stream.text()).length, 200)
    assert.is((await server.process.ended).code, 0)
  })

  test('when the time is over they end with an error, never in silence', async () => {
    const server = await startServer(['--shutdown-timeout', '0'])
    const stream = await server.post('/v1/completions', { ...body, max_tokens: 240 })
    const reader = stream.body?.getReader()
    await reader?.read()
    server.process.child.kill('SIGTERM')
    let text = ''
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) break
      text += Buffer.from(value as Uint8Array).toString()
    }
    assert.match(
      text,
      /data: \{"error": \{"message": "The server is shutting down.*"code": 503\}\}\n\ndata: \[DONE\]\n\n$/,
    )
    assert.is((await server.process.ended).code, 0)
  })

  test('a second signal does not wait', async () => {
    const server = await startServer(['--max-num-seqs', '1'])
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => server.post('/v1/completions', { ...body, stream: true, max_tokens: 240 })),
    )
    server.process.child.kill('SIGINT')
    await server.process.line('draining')
    server.process.child.kill('SIGINT')
    await server.process.ended
    assert.is(server.process.child.signalCode, 'SIGKILL')
  })

  test('start to healthy takes less than two seconds', async () => {
    const started = performance.now()
    const server = await startServer()
    assert.is((await fetch(`${server.url}/health`)).status, 200)
    const seconds = (performance.now() - started) / 1000
    await server.stop()
    assert.ok(seconds < 2, `${seconds} s`)
    await pause(0)
  })
})
