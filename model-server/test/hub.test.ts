// Fetching from a Hub: what is asked for, what survives an interruption, and what is said when it cannot be.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { fillDirectory } from '../fetch/fill-directory.ts'
import { Progress } from '../fetch/progress.ts'
import { Transfer } from '../fetch/read-parts.ts'
import { Unavailable } from '../fetch/unavailable.ts'
import { chooseFiles } from '../hub/choose-files.ts'
import { HubClient } from '../hub/hub-client.ts'
import { type FetchTools, hubSource, listModel } from '../hub/hub-source.ts'
import { cacheDirectory, modelInCache } from '../hub/model-in-cache.ts'
import { UserMistake } from '../user-mistake.ts'
import { commit, FakeHub, sha256, type Trouble } from './fake-hub.ts'
import { bundledModel, ServerProcess, startServer } from './server-process.ts'

const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251))
const files = {
  'config.json': '{"a":1}',
  'onnx/model.onnx': large,
  'onnx/model_fp16.onnx': 'half',
  'README.md': 'x',
  'flax.msgpack': 'y',
}
const model = 'acme/tiny'
const partBytes = 50_000

interface How {
  token?: string
  stallSeconds?: number
  connections?: number
}

interface Setting {
  hub: FakeHub
  endpoint: string
  directory: string
  tools(how?: How): FetchTools
  /** Pauses that were made, in seconds. */
  pauses: number[]
  fetch(options?: How & { hash?: string; allow?: string[]; revision?: string }): Promise<unknown>
}

async function withHub(
  run: (setting: Setting) => Promise<void>,
  content: Record<string, Buffer | string> = files,
): Promise<void> {
  const hub = new FakeHub(content)
  const endpoint = await hub.start()
  const directory = mkdtempSync(join(tmpdir(), 'slipway-hub-'))
  const pauses: number[] = []
  const tools = ({ token, stallSeconds = 5, connections = 8 }: How = {}): FetchTools => ({
    client: new HubClient({ endpoint, token, stallSeconds }),
    output: { write: () => true },
    transfer: new Transfer(async (seconds) => void pauses.push(seconds), {
      connections,
      partBytes: () => partBytes,
    }),
  })
  const fetch: Setting['fetch'] = async ({ hash, allow = ['onnx/*', '*.json'], revision = commit, ...how } = {}) => {
    const made = tools(how)
    const listing = await listModel(made, model, revision)
    const hashes = new Map(hash === undefined ? [] : [['onnx/model.onnx', hash]])
    const chosen = chooseFiles(model, listing.files, { allow, hashes, dtype: undefined })
    return fillDirectory(hubSource(made.client, model, listing.commit), chosen, directory, made)
  }
  try {
    await run({ hub, endpoint, directory, tools, pauses, fetch })
  } finally {
    hub.stop()
    rmSync(directory, { recursive: true })
  }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('fetching a model', (test) => {
  test('brings the files of the allow-list, one graph, whole', () =>
    withHub(async ({ hub, directory, fetch }) => {
      await fetch()
      assert.equal(readdirSync(directory, { recursive: true }).sort(), ['config.json', 'onnx', 'onnx/model.onnx'])
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
      assert.ok(hub.requests('hub').every(({ url }) => url.includes(commit)))
    }))

  test('a second time asks for the list alone', () =>
    withHub(async ({ hub, fetch }) => {
      await fetch()
      hub.seen.length = 0
      await fetch()
      assert.is(hub.seen.length, 1)
    }))

  test('the token goes to the Hub and to nobody else', () =>
    withHub(async ({ hub, fetch }) => {
      hub.token = 'hf_secret'
      await fetch({ token: 'hf_secret' })
      assert.ok(hub.requests('hub').every(({ authorization }) => authorization === 'Bearer hf_secret'))
      assert.ok(hub.requests('cdn').length > 1)
      assert.ok(hub.requests('cdn').every(({ authorization }) => authorization === undefined))
    }))

  test('a large file comes in ranges, many at once, and where the Hub sent the first one', () =>
    withHub(async ({ hub, directory, fetch }) => {
      await fetch({ allow: ['onnx/*'] })
      assert.equal(
        hub.requests('cdn').map(({ range }) => range),
        ['bytes=0-0', ...[0, 1, 2, 3, 4, 5].map((part) => `bytes=${part * partBytes}-${(part + 1) * partBytes - 1}`)],
      )
      // The list, and the way to the file.
      assert.is(hub.requests('hub').length, 2)
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  test('a connection that breaks costs its range alone', () =>
    withHub(async ({ hub, directory, fetch, pauses }) => {
      hub.troubles.push('nothing', { cutAfter: 10_000 })
      await fetch({ allow: ['onnx/*'] })
      const ranges = hub.requests('cdn').map(({ range }) => range)
      assert.is(ranges.length, 8)
      assert.is(ranges[7], ranges[2])
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
      assert.equal(pauses, [1])
    }))

  test('a place whose signature has ended is asked of the Hub again', () =>
    withHub(async ({ hub, directory, fetch, pauses }) => {
      hub.troubles.push('nothing', { status: 403 })
      await fetch({ allow: ['onnx/*'], connections: 1 })
      assert.is(hub.requests('hub').length, 3)
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
      assert.equal(pauses, [])
    }))

  test('what an earlier run left is continued, and of another revision it is not', () =>
    withHub(async ({ hub, directory, fetch }) => {
      hub.troubles.push('nothing', ...Array.from({ length: 5 }, (): Trouble => ({ cutAfter: 20_000 })))
      assert.instance(await failureOf(fetch({ allow: ['onnx/*'], connections: 1 })), Unavailable)
      assert.not(existsSync(join(directory, 'onnx/model.onnx')))
      const [partial = ''] = readdirSync(join(directory, 'onnx'))
      assert.match(partial, new RegExp(`${commit.slice(0, 12)}.partial$`))
      hub.seen.length = 0
      await fetch({ allow: ['onnx/*'], connections: 1 })
      const ranges = hub.requests('cdn').map(({ range }) => range)
      assert.ok(ranges.includes(`bytes=${partBytes}-${2 * partBytes - 1}`))
      assert.not(ranges.includes(`bytes=0-${partBytes - 1}`))
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  test('a server without ranges sends it from the beginning', () =>
    withHub(async ({ hub, directory, fetch }) => {
      hub.hasRanges = false
      hub.troubles.push({ cutAfter: 100_000 })
      await fetch()
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  test('a mirror that says less than the Hub will do', () =>
    withHub(async ({ hub, directory, fetch }) => {
      hub.hasTags = false
      await fetch()
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  for (const [name, trouble] of [
    ['another range than asked for', 'wrongRange'],
    ['more bytes than listed', 'longer'],
    ['all of it', 'ignoreRange'],
  ] as const)
    test(`${name}: thrown away and begun again`, () =>
      withHub(async ({ hub, directory, fetch }) => {
        hub.troubles.push(trouble)
        await fetch({ allow: ['onnx/*'] })
        assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
      }))

  test('a partial file that is longer than the file is thrown away', () =>
    withHub(async ({ hub, directory, fetch }) => {
      hub.troubles.push(...Array.from({ length: 5 }, (): Trouble => ({ cutAfter: 1 })))
      await failureOf(fetch({ allow: ['onnx/*'], connections: 1 }))
      const [partial = ''] = readdirSync(join(directory, 'onnx'))
      writeFileSync(join(directory, 'onnx', partial), Buffer.alloc(400_000))
      await fetch({ allow: ['onnx/*'] })
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  test('a server that is busy or fails is asked again, after the pause that it names', () =>
    withHub(async ({ hub, fetch, pauses }) => {
      hub.listTroubles.push({ status: 503 })
      hub.troubles.push({ status: 429, headers: { 'retry-after': '7' } }, { status: 500 })
      await fetch({ allow: ['onnx/*'], connections: 1 })
      assert.equal(pauses, [1, 7, 2])
    }))

  test('a server that is silent is given up', () =>
    withHub(async ({ hub, directory, fetch }) => {
      hub.troubles.push({ stallAfter: 50_000 })
      await fetch({ allow: ['onnx/*'], stallSeconds: 0.2 })
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  test('bytes with another hash are no file', () =>
    withHub(async ({ hub, directory, fetch }) => {
      const partial = join(directory, `onnx/model.onnx.${commit.slice(0, 12)}.partial`)
      hub.troubles.push(...Array.from({ length: 5 }, (): Trouble => ({ status: 500 })))
      await failureOf(fetch({ allow: ['onnx/*'], connections: 1 }))
      writeFileSync(partial, Buffer.alloc(1000))
      const mistake = await failureOf(fetch({ allow: ['onnx/*'] }))
      assert.instance(mistake, UserMistake)
      assert.match(String(mistake), /onnx\/model.onnx: its sha256 is [0-9a-f]{64}, but [0-9a-f]{64} is locked/)
      assert.equal(readdirSync(join(directory, 'onnx')), [])
    }))

  test('a locked hash that the Hub does not have is reported before a byte is fetched', () =>
    withHub(async ({ hub, fetch }) => {
      await fetch({ hash: sha256(large) })
      const mistake = await failureOf(fetch({ hash: 'f'.repeat(64) }))
      assert.match(String(mistake), /f{64} is locked; renew the lock/)
      assert.is(hub.requests('cdn').length, 7)
    }))

  test('files that are there with other bytes are fetched again', () =>
    withHub(async ({ directory, fetch }) => {
      await fetch()
      writeFileSync(join(directory, 'onnx/model.onnx'), Buffer.alloc(large.length))
      await fetch()
      assert.equal(readFileSync(join(directory, 'onnx/model.onnx')), large)
    }))

  const refusals: [
    name: string,
    answer: { status: number; headers?: Record<string, string> },
    token: string | undefined,
    message: RegExp,
  ][] = [
    [
      'gated, no token',
      { status: 401, headers: { 'x-error-code': 'GatedRepo' } },
      undefined,
      /is gated: accept its terms at http.*\/acme\/tiny, then set HF_TOKEN/,
    ],
    [
      'gated for this account',
      { status: 403, headers: { 'x-error-code': 'GatedRepo' } },
      'hf_x',
      /account of HF_TOKEN may not read it: accept its terms at/,
    ],
    [
      'missing or private',
      { status: 401, headers: { 'x-error-code': 'RepoNotFound' } },
      undefined,
      /is not at 127.0.0.1:\d+, or is private: check the id; for a private model set HF_TOKEN/,
    ],
    [
      'missing, with a token',
      { status: 404, headers: { 'x-error-code': 'RepoNotFound' } },
      'hf_x',
      /check the id and whether the account of HF_TOKEN may read it/,
    ],
    ['a token that is refused', { status: 401 }, 'hf_x', /refuses HF_TOKEN: make a new one at http.*settings\/tokens/],
    [
      'an unknown revision',
      { status: 404, headers: { 'x-error-code': 'RevisionNotFound' } },
      undefined,
      /has no revision .*: take a commit from http.*commits\/main/,
    ],
  ]
  for (const [name, answer, token, message] of refusals)
    test(`${name}: one line with the next step`, () =>
      withHub(async ({ hub, fetch, pauses }) => {
        hub.listTroubles.push(answer)
        const mistake = await failureOf(fetch({ token }))
        assert.instance(mistake, UserMistake)
        assert.match(String(mistake), message)
        assert.not(String(mistake).includes('hf_x'))
        assert.equal(pauses, [])
      }))

  test('nobody there: what was tried, after some tries', () =>
    withHub(async ({ hub, fetch, pauses }) => {
      hub.stop()
      const error = await failureOf(fetch())
      assert.instance(error, Unavailable)
      assert.match(String(error), /127\.0\.0\.1:\d+: .*ECONNREFUSED/)
      assert.is(pauses.length, 2)
    }))

  test('names that lead out of the directory are refused', () =>
    withHub(async ({ hub, fetch }) => {
      hub.extraNames.push('../../etc/passwd')
      assert.match(String(await failureOf(fetch())), /leads out of its directory/)
    }))
})

describe('which files', (test) => {
  const listed = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1, sha256: undefined }))
  const chosen = (paths: string[], allow: string[], dtype?: 'q4' | 'fp32') =>
    chooseFiles('m', listed(...paths), { allow, hashes: new Map(), dtype }).map(({ path }) => path)

  test('a star stays in its folder, and ! takes out', () => {
    assert.equal(
      chosen(
        ['a.json', 'b/c.json', 'consolidated.safetensors', 'm.safetensors'],
        ['*.json', '*.safetensors', '!consolidated*'],
      ),
      ['a.json', 'm.safetensors'],
    )
    assert.equal(chosen(['1_Pooling/config.json', 'x.bin'], ['1_Pooling/*']), ['1_Pooling/config.json'])
  })

  test('of the graphs the smallest for CPUs, or the asked one, with its weights', () => {
    const onnx = [
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'onnx/model_fp16.onnx',
      'onnx/model_q4.onnx',
      'onnx/model_quantized.onnx',
      'onnx/config.json',
    ]
    assert.equal(chosen(onnx, ['onnx/*']), ['onnx/model_quantized.onnx', 'onnx/config.json'])
    assert.equal(chosen(onnx, ['onnx/*'], 'fp32'), ['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/config.json'])
  })

  test('of GPT-2’s three graphs the merged one', () =>
    assert.equal(
      chosen(
        ['onnx/decoder_model.onnx', 'onnx/decoder_model_merged.onnx', 'onnx/decoder_with_past_model.onnx'],
        ['onnx/*'],
      ),
      ['onnx/decoder_model_merged.onnx'],
    ))

  test('none is a mistake', () => {
    assert.throws(() => chosen(['a.bin'], ['*.json']), /no file matches \*\.json/)
    assert.throws(() => chosen(['onnx/model_fp16.onnx'], ['onnx/*']), /none of its ONNX files \(model_fp16.onnx\)/)
  })
})

describe('the cache', (test) => {
  test('is the user’s, never inside of node_modules', () => {
    assert.is(cacheDirectory({ HF_HOME: '/h' }), '/h/slipway-models')
    assert.is(cacheDirectory({ XDG_CACHE_HOME: '/c' }), '/c/slipway/models')
    assert.match(cacheDirectory({}), /\.cache\/slipway\/models$/)
  })

  test('holds a commit forever and without a request; a branch is asked for again, and offline it is remembered', () =>
    withHub(async ({ hub, directory, tools }) => {
      const get = (revision: string | undefined, env: Record<string, string> = {}) =>
        modelInCache({ model, revision, dtype: undefined }, { HF_HOME: directory, ...env }, tools())
      const path = await get(undefined)
      assert.match(path, new RegExp(`acme--tiny/${commit}$`))
      hub.seen.length = 0
      assert.is(await get(commit), path)
      assert.is(await get('main', { HF_HUB_OFFLINE: '1' }), path)
      assert.is(hub.seen.length, 0)
      assert.is(await get('main'), path)
      assert.is(hub.seen.length, 1)
      hub.stop()
      assert.is(await get('main'), path)
      assert.match(
        String(await failureOf(get('f'.repeat(40), { HF_HUB_OFFLINE: '1' }))),
        /is not in .*HF_HUB_OFFLINE is set: start once without it/,
      )
    }))
})

describe('progress', (test) => {
  test('is a line per tenth with bytes and rate, or a bar on a terminal', () => {
    let seconds = 0
    const printed = (isTTY: boolean): string => {
      const parts: string[] = []
      const progress = new Progress({ isTTY, write: (part) => parts.push(part) }, 'f', 2e7, () => seconds)
      progress.found(5e6)
      for (let part = 0; part < 15; part += 1) {
        seconds += 0.5
        progress.add(1e6)
      }
      progress.end()
      return parts.join('')
    }
    const lines = printed(false).trim().split('\n')
    assert.is(lines.length, 8)
    assert.is(lines.at(-1), 'f  100%  20.0 of 20.0 MB  2.00 MB/s')
    assert.match(printed(true), /\r\[#{24}\] f {2}100% .*\n$/s)
  })
})

describe('the program with a Hub', (test) => {
  const content = Object.fromEntries(
    ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_int8.onnx'].map(
      (name) => [name, readFileSync(join(bundledModel, name))],
    ),
  )

  test('fetches a model, serves it, and starts again offline', () =>
    withHub(async ({ hub, endpoint, directory }) => {
      const start = (env: Record<string, string>) =>
        startServer([], {
          model: ['--model', model, '--revision', commit],
          env: { HF_HOME: directory, HF_ENDPOINT: endpoint, HF_TOKEN: '', ...env },
        })
      const online = await start({})
      assert.match(online.process.errors, /acme\/tiny {2}100% {2}[\d.]+ of [\d.]+ MB {2}[\d.]+ MB\/s/)
      assert.is((await online.post('/v1/completions', { prompt: 'a', max_tokens: 1 })).status, 200)
      await online.stop()
      hub.stop()
      const offline = await start({ HF_HUB_OFFLINE: '1' })
      assert.is((await fetch(`${offline.url}/health`)).status, 200)
      await offline.stop()
    }, content))

  test('fetch fills a directory as the init container does, and ends with 1 for a gated model', () =>
    withHub(async ({ hub, endpoint, directory }) => {
      const run = () =>
        new ServerProcess(
          [
            'fetch',
            `--model=${model}`,
            `--revision=${commit}`,
            `--to=${directory}/m`,
            '--allow=onnx/*',
            '--allow=*.json',
          ],
          {
            HF_ENDPOINT: endpoint,
            HF_TOKEN: '',
          },
        ).ended
      const { code, errors } = await run()
      assert.is(code, 0, errors)
      assert.match(errors, /5 files, [\d.]+ MB in/)
      hub.listTroubles.push({ status: 401, headers: { 'x-error-code': 'GatedRepo' } })
      const gated = await run()
      assert.equal([gated.code, gated.errors.trim().split('\n').length], [1, 1])
      assert.match(gated.errors, /is gated/)
    }, content))

  test('fetch copies a bundled model', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-bundled-'))
    const { code } = await new ServerProcess(['fetch', `--bundled=${bundledModel}`, `--to=${directory}/m`]).ended
    assert.is(code, 0)
    assert.ok(existsSync(join(directory, 'm/onnx/model_int8.onnx')))
    rmSync(directory, { recursive: true })
  })
})
