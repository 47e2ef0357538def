// What is read from the Hub and what is refused, by the Hub's library against a server on loopback.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { configFacts } from '../../hub/config-facts.ts'
import { describeModel } from '../../hub/describe-model.ts'
import { HubProblem } from '../../hub/hub-problem.ts'
import { type Patience, patience, patientFetch } from '../../hub/patient-fetch.ts'
import type { Lock } from '../../schema/lock.ts'
import {
  families,
  gatedModel,
  mixture,
  oddLicence,
  pickle,
  remoteCode,
  sharded,
  small,
  withSpares,
} from './hub-models.ts'
import { type HubServer, startHub, testToken } from './hub-server.ts'

const all = [small, withSpares, sharded, mixture, gatedModel, pickle, remoteCode, oddLicence]
const quick: Patience = { ...patience, firstWaitMs: 5, totalMs: 5000, timeoutMs: 300 }

async function withHub(use: (hub: HubServer) => Promise<void>): Promise<void> {
  const hub = await startHub(all)
  try {
    await use(hub)
  } finally {
    await hub.stop()
  }
}

const read = (hub: HubServer, id: string, revision = 'main', token?: string, limits: Patience = quick): Promise<Lock> =>
  describeModel(
    { url: hub.url, fetch: patientFetch(hub.url, limits), ...(token === undefined ? {} : { token }) },
    id,
    revision,
  )

async function refused(answer: Promise<unknown>): Promise<HubProblem> {
  try {
    await answer
  } catch (error) {
    assert.instance(error, HubProblem)
    return error as HubProblem
  }
  throw new Error('was not refused')
}

describe('describeModel', (test) => {
  test('reads every fact of a lock', () =>
    withHub(async (hub) => {
      assert.equal(await read(hub, small.id), {
        id: small.id,
        revision: small.sha,
        pipelineTag: 'text-generation',
        licence: 'apache-2.0',
        gated: false,
        architectures: ['LlamaForCausalLM'],
        parameters: { BF16: 128 * 64 + 64 * 64, F32: 128 * 64 },
        weightBytes: (128 * 64 + 64 * 64) * 2 + 128 * 64 * 4,
        weightFiles: [
          { name: 'model.safetensors', bytes: small.files['model.safetensors']?.length, sha256: 'd'.repeat(64) },
        ],
        layers: 2,
        hiddenSize: 64,
        heads: 4,
        kvHeads: 2,
        headDim: 16,
        vocabularySize: 128,
        maxPositionEmbeddings: 2048,
        cache: [{ kind: 'full', layers: 2 }],
        needsRemoteCode: false,
        hasChatTemplate: true,
        safetensors: true,
        unverified: [],
      })
    }))

  test('reads headers by ranges: of the weights no byte beyond them', () =>
    withHub(async (hub) => {
      await read(hub, sharded.id)
      const weights = hub.seen.filter(({ host }) => host === 'cdn')
      assert.ok(weights.length >= 4)
      for (const { range, bytes } of weights) {
        assert.ok(range !== undefined)
        assert.ok(bytes < 200, `${bytes} bytes for ${range}`)
      }
    }))

  test('adds the shards that the index names and leaves other copies alone', () =>
    withHub(async (hub) => {
      const { parameters, weightBytes, weightFiles } = await read(hub, sharded.id)
      assert.equal(parameters, { BF16: 8192 })
      assert.is(weightBytes, 16384)
      assert.equal(
        weightFiles?.map(({ name }) => name),
        ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
      )
    }))

  test('counts the experts that a token passes', () =>
    withHub(async (hub) => {
      const { experts, parameters } = await read(hub, mixture.id)
      const others = 128 * 64 + 4 * 64 + 64 * 64
      assert.equal(parameters, { BF16: others + 4 * 64 * 64 })
      assert.equal(experts, { total: 4, perToken: 2, activeParameters: others + 2 * 64 * 64 })
    }))

  test('counts no tensor that engines leave out, and reads how ModelOpt packed the others', () =>
    withHub(async (hub) => {
      const { weightBytes, quantization, cacheDtype, weightFiles } = await read(hub, withSpares.id)
      assert.is(weightBytes, (128 * 64 + 64 * 64) * 2)
      assert.equal({ quantization, cacheDtype }, { quantization: 'modelopt', cacheDtype: 'fp8' })
      assert.is(weightFiles?.[0]?.bytes, withSpares.files['model.safetensors']?.length)
    }))

  test('writes nothing that rests on a file which could not be read', () =>
    withHub(async (hub) => {
      const whole = patientFetch(hub.url, quick)
      let asked = 0
      const last: typeof fetch = async (input, init) => {
        if (String(input).endsWith('/config.json') && ++asked > 2)
          throw new HubProblem('unreachable', 'the Hub went away', 'try again')
        return whole(input, init)
      }
      const problem = await refused(describeModel({ url: hub.url, fetch: last }, small.id, 'main'))
      assert.is(problem.message, 'the Hub went away')
      assert.ok(asked > 2)
    }))

  test('pins the commit of a branch', () =>
    withHub(async (hub) => {
      const facts = await read(hub, small.id, 'main')
      assert.is('revision' in facts && facts.revision, small.sha)
      const later = hub.seen.filter(({ path }) => !path.includes('/revision/main'))
      assert.equal(
        later.filter(({ path }) => path.includes('main')),
        [],
      )
    }))

  test('sends the token to the Hub and to nobody else', () =>
    withHub(async (hub) => {
      await read(hub, gatedModel.id, 'main', testToken)
      for (const { host, authorization } of hub.seen)
        assert.is(authorization, host === 'hub' ? `Bearer ${testToken}` : undefined)
      assert.ok(hub.seen.some(({ host }) => host === 'cdn'))
    }))

  for (const [what, model, rule, words] of [
    ['pickle-only weights', pickle, 'pickle-weights', /no safetensors weights/],
    ['code of its own', remoteCode, 'remote-code', /auto_map/],
    ['a licence outside the list', oddLicence, 'licence', /cc-by-nc-4\.0/],
    ['a gated model without a token', gatedModel, 'gated', /gated/],
  ] as const) {
    test(`refuses ${what}`, () =>
      withHub(async (hub) => {
        const problem = await refused(read(hub, model.id))
        assert.is(problem.rule, rule)
        assert.match(problem.message, words)
        assert.ok(problem.hint.length > 10)
        assert.equal(
          hub.seen.filter(({ host }) => host === 'cdn'),
          [],
        )
      }))
  }

  test('a token without access, an unknown model and an unknown revision are distinguished', () =>
    withHub(async (hub) => {
      assert.match((await refused(read(hub, gatedModel.id, 'main', 'hf_other'))).message, /does not let this token/)
      assert.match((await refused(read(hub, 'example/nobody'))).message, /shows no model example\/nobody/)
      assert.match(
        (await refused(read(hub, 'example/nobody', 'main', testToken))).message,
        /shows no model example\/no/,
      )
      assert.match((await refused(read(hub, small.id, 'f'.repeat(40)))).message, /has no revision f{40}/)
    }))

  test('asks a busy Hub again, and in the end says what it answers', () =>
    withHub(async (hub) => {
      hub.next.push({ status: 429 }, { status: 503 }, { status: 500 })
      await read(hub, small.id)
      assert.is(hub.next.length, 0)
      for (let count = 0; count < quick.attempts; count += 1) hub.next.push({ status: 429 })
      const problem = await refused(read(hub, small.id))
      assert.is(problem.rule, 'busy')
      assert.match(problem.message, /still answers 429/)
    }))

  for (const [what, headers] of [
    ['in seconds', () => ({ 'retry-after': '1' })],
    ['as a date', () => ({ 'retry-after': new Date(Date.now() + 2000).toUTCString() })],
    ['as the end of its window', () => ({ ratelimit: '"api";r=0;t=1' })],
  ] as const) {
    test(`waits as long as the Hub asks, ${what}`, () =>
      withHub(async (hub) => {
        hub.next.push({ status: 429, headers: headers() })
        const started = performance.now()
        await read(hub, small.id)
        assert.ok(performance.now() - started > 900, `only ${performance.now() - started} ms`)
      }))
  }

  test('does not wait longer than the limit of all requests together', () =>
    withHub(async (hub) => {
      hub.next.push({ status: 429, headers: { 'retry-after': '3600' } })
      const started = performance.now()
      assert.match((await refused(read(hub, small.id))).message, /429 .*, and asks to wait 3600 s$/)
      const limits = { ...quick, attempts: 1000, firstWaitMs: 20, totalMs: 150 }
      for (let count = 0; count < 1000; count += 1) hub.next.push({ status: 503 })
      assert.is((await refused(read(hub, small.id, 'main', undefined, limits))).rule, 'busy')
      assert.ok(performance.now() - started < 1000)
    }))

  for (const halfway of ['breaks', 'stops'] as const) {
    test(`an answer that ${halfway} halfway is asked for again, and given up in the end`, () =>
      withHub(async (hub) => {
        const limits = { ...quick, attempts: 2, timeoutMs: 200 }
        hub.next.push({ halfway })
        const facts = await read(hub, small.id, 'main', undefined, limits)
        assert.is('revision' in facts && facts.revision, small.sha)
        hub.next.push({ halfway }, { halfway })
        const problem = await refused(read(hub, small.id, 'main', undefined, limits))
        assert.is(problem.rule, 'unreachable')
        assert.match(problem.message, /^cannot reach 127\.0\.0\.1:\d+ \((?:connection lost|timed out)\)$/)
      }))
  }

  test('a server that does not answer ranges is no Hub', () =>
    withHub(async (hub) => {
      hub.ignoreRanges = true
      assert.is((await refused(read(hub, small.id))).rule, 'answer')
    }))

  test('an answer that is too long is cut off', () =>
    withHub(async (hub) => {
      const problem = await refused(read(hub, small.id, 'main', undefined, { ...quick, mostBytes: 100 }))
      assert.is(problem.rule, 'answer')
      assert.match(problem.message, /longer than 100 bytes/)
    }))

  test('nobody there: one sentence, at once', async () => {
    const hub = await startHub(all)
    await hub.stop()
    const problem = await refused(read(hub, small.id))
    assert.is(problem.rule, 'unreachable')
    assert.match(problem.message, /^cannot reach 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/)
  })

  test('a Hub that never answers is given up', async () => {
    const { createServer } = await import('node:net')
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    try {
      const url = `http://127.0.0.1:${port}`
      const limits = { ...quick, timeoutMs: 50, attempts: 2 }
      const problem = await refused(describeModel({ url, fetch: patientFetch(url, limits) }, small.id, 'main'))
      assert.match(problem.message, /timed out/)
    } finally {
      silent.close()
    }
  })
})

const byKind = (cache: Lock['cache']) => cache.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))

describe('configFacts', (test) => {
  for (const [name, config] of Object.entries(families)) {
    test(`${name}: says what its committed lock says`, () => {
      const lock = JSON.parse(readFileSync(join(sampleRoot, `apps/models/${name}.lock.json`), 'utf8')) as Lock
      const { autoMap, ...facts } = configFacts(config)
      assert.is(autoMap, false)
      const { architectures, layers, hiddenSize, heads, kvHeads, headDim, vocabularySize, maxPositionEmbeddings } = lock
      const { cache, quantization, experts, visionTower } = lock
      const { intermediateSize: _, experts: found, ...rest } = facts
      assert.equal(
        { ...rest, cache: byKind(rest.cache) },
        {
          ...{ architectures, layers, hiddenSize, heads, kvHeads, headDim, vocabularySize, maxPositionEmbeddings },
          cache: byKind(cache),
          ...(quantization && { quantization }),
          ...(visionTower && { visionTower }),
        },
      )
      assert.is(found?.total, experts?.total)
      assert.is(found?.perToken, experts?.perToken)
    })
  }

  test('names every field that is missing', () => {
    assert.throws(() => configFacts({ model_type: 'x' }), /num_hidden_layers.*hidden_size.*architectures/)
  })
})
