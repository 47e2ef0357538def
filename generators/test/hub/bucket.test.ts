// `npm run lock` of a model in a bucket of one’s own, against a real S3 server: the same facts as on the Hub, each file hashed, whatever breaks.
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CutProxy } from '../../../model-server/test/weights/cut-proxy.ts'
import { pythonWithMoto, S3Server } from '../../../model-server/test/weights/s3-server.ts'
import { runProgram } from '../../../test/run-program.ts'
import { assert, describe } from '../../../test/spec.ts'
import { Bucket } from '../../hub/bucket.ts'
import { describeBucket } from '../../hub/describe-bucket.ts'
import { describeModel } from '../../hub/describe-model.ts'
import { patience } from '../../hub/patient-fetch.ts'
import type { Lock } from '../../schema/lock.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'
import { sharded, small } from './hub-models.ts'
import { startHub } from './hub-server.ts'

const found = await pythonWithMoto()
const address = 's3://research-models/tuned/v1'
const large = Buffer.alloc(20_000_000, 'slipway')
const files: Record<string, Buffer> = {
  ...small.files,
  'README.md': Buffer.from('---\nlicense: mit\n---\n# Tuned\n'),
  'vocab.json': large,
}
const sha256 = (content: Buffer | undefined): string =>
  createHash('sha256')
    .update(content ?? '')
    .digest('hex')
const patient = { timeoutSeconds: 120 }
/** A store that says nothing for this long has fallen silent. */
const impatience = { ...patience, timeoutMs: 2000, firstWaitMs: 50, totalMs: Number.POSITIVE_INFINITY }

const server = new S3Server()
const settings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})

async function put(content: Record<string, Buffer>, at = address): Promise<void> {
  for (const [path, body] of Object.entries(content))
    await fetch(`${server.url}/${at.slice('s3://'.length)}/${path}`, { method: 'PUT', body: new Uint8Array(body) })
}

async function lock(args: string[], revision = '', model = address) {
  const root = copyRepository(validFixture)
  const text = `model: ${model}\n${revision}engine: vllm\nclusters: {}\n`
  writeFileSync(join(root, 'apps/models/tuned.yaml'), text)
  const again = (env = {}) =>
    runProgram(
      process.execPath,
      [join(repositoryRoot, 'generators/main.ts'), 'lock', '--root', root, 'tuned', ...args],
      {
        env: { HF_TOKEN: '', ...server.environment(), ...env },
      },
    )
  const read = (name: string) => readFileSync(join(root, 'apps/models', name), 'utf8')
  return { again, read, end: () => rmSync(root, { recursive: true, force: true }) }
}

describe('a lock from a bucket', (test) => {
  if ('missing' in found) return test.skip('is that of the Hub', found.missing)
  test.before(async () => {
    await server.start(found.python)
    await server.makeBucket('research-models')
    await put(files)
  })
  test.after(() => server.stop())

  test(
    'has the hash of each file that an engine reads; the revision is a hash over all; a second run changes no byte',
    async () => {
      const { again, read, end } = await lock(['--update'])
      const first = await again()
      assert.is(first.status, 0, first.log)
      const facts = JSON.parse(read('tuned.lock.json')) as Lock & { revision: string; files: { name: string }[] }
      assert.is(facts.id, address)
      assert.is(facts.licence, 'mit')
      assert.equal(
        facts.weightFiles?.map(({ sha256 }) => sha256),
        [sha256(files['model.safetensors'])],
      )
      assert.equal(
        facts.files.find(({ name }) => name === 'vocab.json'),
        { name: 'vocab.json', bytes: large.length, sha256: sha256(large) },
      )
      assert.not(facts.files.some(({ name }) => name.endsWith('.bin')))
      assert.match(read('tuned.yaml'), `revision: ${facts.revision}`)
      const second = await again()
      assert.is(second.out, '1 of 1 locked, 0 files changed\n')
      end()
    },
    patient,
  )

  test('says of the model what the lock of the same files on the Hub says', async () => {
    const hub = await startHub([{ ...small, licence: 'mit', files }])
    const theirs = await describeModel({ url: hub.url }, small.id, small.sha)
    await hub.stop()
    const ours = await describeBucket(new Bucket(address, settings(server.url)), undefined)
    const {
      id: _,
      revision: __,
      files: ___,
      weightFiles: ____,
      pipelineTag: _____,
      ...facts
    } = ours as Lock & {
      revision: string
      files: unknown
    }
    for (const [field, value] of Object.entries(facts)) assert.equal(value, theirs[field as keyof Lock], field)
  })

  test(
    'is refused when the files are not those of the revision, and when a file of the weights is missing',
    async () => {
      const other = await lock([], `revision: "${'a'.repeat(40)}"\n`)
      const changed = await other.again()
      assert.is(changed.status, 1)
      assert.match(
        changed.log,
        /HUB_REVISION_UNKNOWN apps\/models\/tuned\.yaml:2:\d+ the files of s3:.* are not those of/,
      )
      assert.match(changed.log, /--update takes them as they are now/)
      other.end()
      const { 'model-00002-of-00002.safetensors': _, ...half } = sharded.files
      await put(half, 's3://research-models/half')
      const without = await lock(['--update'], '', 's3://research-models/half')
      const missing = await without.again()
      assert.is(missing.status, 1, missing.log)
      assert.match(missing.log, /apps\/models\/tuned\.yaml:1:\d+ .*s3:\/\/research-models\/half/)
      assert.not.match(missing.log, / {4}at /)
      without.end()
    },
    patient,
  )

  test('is refused without a bucket, without files and without credentials, in words', async () => {
    for (const [model, message] of [
      ['s3://no-such-bucket/v1', /HUB_MODEL_UNKNOWN .*cannot be read: NoSuchBucket/],
      ['s3://research-models/nothing', /HUB_MODEL_UNKNOWN .*has no file of a model/],
    ] as const) {
      const { again, end } = await lock(['--update'], '', model)
      const { status, log } = await again()
      assert.is(status, 1)
      assert.match(log, message)
      end()
    }
    const { again, end } = await lock(['--update'])
    const { status, log } = await again({ AWS_ACCESS_KEY_ID: '', PATH: '' })
    assert.is(status, 1)
    assert.match(log, /no AWS credentials/)
    end()
  })

  test(
    'comes through connections that are cut or fall silent, and a store that is slow or asks to slow down',
    async () => {
      const cut = new CutProxy(server.url)
      const url = await cut.start()
      cut.faults.push({ after: 1_000_000, kind: 'cut' }, { after: 3_000_000, kind: 'silence' })
      const troubled = await busyStore(3)
      try {
        for (const endpoint of [url, troubled.url]) {
          const facts = await describeBucket(new Bucket(address, settings(endpoint), impatience), undefined)
          const vocabulary = (facts as { files?: { name: string; sha256: string }[] }).files
          assert.is(vocabulary?.find(({ name }) => name === 'vocab.json')?.sha256, sha256(large))
        }
        assert.equal(cut.faults, [])
        assert.is(troubled.left(), 0)
      } finally {
        cut.stop()
        troubled.stop()
      }
    },
    patient,
  )
})

/** Says 503 SlowDown to some requests first, and is slow with every other. */
async function busyStore(count: number): Promise<{ url: string; left(): number; stop(): void }> {
  let left = count
  const proxy = createServer(async (request, response) => {
    if (left > 0) {
      left -= 1
      return void response.writeHead(503).end('<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>')
    }
    const { host: _, connection: __, ...headers } = request.headers as Record<string, string>
    const answer = await fetch(`${server.url}${request.url}`, { headers })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    for await (const chunk of answer.body ?? []) {
      response.write(chunk)
      await setTimeout(1)
    }
    response.end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, left: () => left, stop: () => void proxy.close() }
}
