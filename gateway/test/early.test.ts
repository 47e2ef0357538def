// Refusals are early and cheap: what the head or the beginning of a body shows is answered before the rest has come; and no
// tenant takes the last place from those who have none.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { ByteBudget } from '../quota/byte-budget.ts'
import { BodyFields } from '../request/fields.ts'
import { onSocket } from './bare-socket.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, tenant, until } from './harness.ts'

const large = 9_000_000

describe('a request that is refused', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    engine = await FakeEngine.start()
    const few = { requestsPerMinute: 1, tokensPerMinute: 1_000_000, concurrency: 10 }
    const five = { ...few, requestsPerMinute: 5 }
    const read = { ...few, requestsPerMinute: 1000, tokensPerMinute: 10_000 }
    gateway = await startGateway(
      [
        model('m', [engine.endpoint]),
        model('tokens', [engine.endpoint]),
        model('theirs', [engine.endpoint], { tenants: ['support'] }),
      ],
      {
        tenants: [
          tenant('research'),
          tenant('support', { limits: few }),
          tenant('counted', { limits: five }),
          tenant('reading', { limits: read }),
        ],
      },
    )
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
  })

  const headOf = (path: string, bytes: number, token = gateway.token): string =>
    [
      `POST ${path} HTTP/1.1`,
      'host: gateway',
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      `content-length: ${bytes}`,
      '\r\n',
    ].join('\r\n')

  /** Only the head of a large body is sent, and that much of the body. */
  const begin = async (path: string, token: string, beginning = '') => {
    const { text } = await onSocket(gateway.url, [headOf(path, large, token), beginning], 20)
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text }
  }

  test('by its head is answered before its body is sent, and its connection ends', async () => {
    const support = await gateway.identity.token({ client_id: 'support' })
    await gateway.post('/v1/chat/completions', chat('m'), { authorization: `Bearer ${support}` })
    for (const [path, token, status, code] of [
      ['/v1/chat/completions', 'wrong', 401, 'invalid_api_key'],
      ['/v1/chat/completions', support, 429, 'rate_limit_exceeded'],
      ['/stream/models/org/m/generate', support, 429, 'overloaded'],
      ['/models/nobody/v1/chat/completions', gateway.token, 404, 'model_not_found'],
      ['/models/theirs/generate', gateway.token, 404, 'not_found'],
    ] as const) {
      const answer = await begin(path, token)
      assert.is(answer.status, status, path)
      assert.match(answer.text, /connection: close/i)
      if (status !== 401) assert.match(answer.text, code)
    }
    assert.is((await begin('/v1/chat/completions', gateway.token)).status, 0)
  })

  test('after megabytes on four connections leaves others their turns: a part of one is read in each', async () => {
    const sockets: Socket[] = []
    const note = (socket: Socket) => sockets.push(socket)
    gateway.app.server.server.on('connection', note)
    const body = `{"x":"${'a'.repeat(large / 3)}","model":"nobody"}`
    const head = headOf('/v1/chat/completions', body.length)
    let isOver = false
    const answers = Promise.all(Array.from({ length: 4 }, () => onSocket(gateway.url, [head + body], 20))).finally(
      () => {
        isOver = true
      },
    )
    const grown: number[] = []
    for (let before = 0; !isOver; ) {
      await new Promise((resolve) => setImmediate(resolve))
      const after = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
      grown.push(after - before)
      before = after
    }
    gateway.app.server.server.off('connection', note)
    for (const { text } of await answers) assert.match(text, /^HTTP\/1\.1 404 /)
    // The first parts of the four come together.
    assert.ok(Math.max(...grown) <= 4 * 2 * 65_536, `${Math.max(...grown)} in one turn`)
    const many = grown.filter((bytes) => bytes > 2 * 65_536)
    assert.ok(many.length <= 4, `${many}`)
  })

  test('gives its memory to the next: ten megabytes a time would make V8 collect all its heap', async () => {
    const seen: number[] = []
    // At its last part, and when all of it has come.
    for (const [rest, status] of [
      ['"model":"nobody"', 404],
      ['"model":"m","max_tokens":-1', 400],
    ]) {
      const body = `{"x":"${'a'.repeat(large)}",${rest}}`
      const head = headOf('/v1/chat/completions', body.length)
      for (let count = 0; count < 6; count += 1) {
        const { text } = await onSocket(gateway.url, [head + body], 20)
        assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text.slice(0, 300))
        seen.push(process.memoryUsage().arrayBuffers)
      }
    }
    assert.ok(Math.max(...seen) - Math.min(...seen) < large / 4, `${seen}`)
  })

  test('leaves few connections that still end, whatever one tenant opens; those of others stay', async () => {
    const onServer: Socket[] = []
    const note = (socket: Socket) => onServer.push(socket)
    gateway.app.server.server.on('connection', note)
    const clients: Socket[] = []
    const { hostname, port } = new URL(gateway.url)
    /** Refused, and its client neither sends more nor closes. */
    const refused = async (token: string): Promise<void> => {
      const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
      clients.push(client.on('error', () => {}))
      client.write(`${headOf('/v1/chat/completions', large, token)}{"model":"nobody","messages":[`)
      const [answer] = (await once(client, 'data')) as [Buffer]
      assert.match(answer.toString(), /^HTTP\/1\.1 40[14] /)
    }
    await refused('of a stranger')
    for (let count = 0; count < 40; count += 1) await refused(gateway.token)
    await until(() => onServer.filter(({ destroyed }) => !destroyed).length === 17, '16 and the stranger’s are left')
    assert.not(onServer[0]?.destroyed)
    assert.ok(onServer[1]?.destroyed)
    await until(() => onServer.every(({ destroyed }) => destroyed), 'two seconds are over', 5000)
    gateway.app.server.server.off('connection', note)
    for (const client of clients) client.destroy()
  })

  test('for a model that its beginning names is answered before the rest is sent, as it would be at its end', async () => {
    for (const beginning of [
      '{"model":"nobody","messages":[',
      ' { "temperature" : 0.5, "stop":["a","b"], "user":{"a":1}, "model" : "theirs" , "messages":["',
      '{"mod\\u0065ls":1,"mod\\u0065l":"no\\u0062ody","messages":[',
    ]) {
      const { status, text } = await begin('/v1/chat/completions', gateway.token, beginning)
      assert.is(status, 404, beginning)
      assert.match(text, 'model_not_found')
    }
    for (const beginning of [
      '{"model":"m","messages":[',
      '{"messages":[{"model":"nobody"},',
      '{"model":"nobo',
      '{"model":',
    ])
      assert.is((await begin('/v1/chat/completions', gateway.token, beginning)).status, 0, beginning)
  })

  test('counts towards the limit of requests, and holds no memory afterwards', async () => {
    const counted = await gateway.identity.token({ client_id: 'counted' })
    for (let index = 0; index < 4; index += 1) assert.is((await begin('/models/nobody/generate', counted)).status, 404)
    const beginning = '{"model":"nobody","messages":['
    assert.is((await begin('/v1/chat/completions', counted, beginning)).status, 404)
    assert.is((await begin('/v1/chat/completions', counted)).status, 429)
    await until(() => gateway.app.gateway.bodies.held === 0, 'nothing is charged')
    const page = await gateway.metrics()
    assert.is(metricValue(page, 'slipway_gateway_refusals_total', { status: '404', tenant: 'counted' }), 5)
  })

  test('of a text whose tokens are counted is so when its tenant has none left: they cost what the text costs', async () => {
    const authorization = `Bearer ${await gateway.identity.token({ client_id: 'reading' })}`
    const ask = (length: number) =>
      gateway.post('/tokenize', { model: 'tokens', prompt: 'x'.repeat(length) }, { authorization })
    for (const status of [200, 200, 429]) assert.is((await ask(4 * 4500)).status, status)
    assert.is((await ask(100)).status, 200)
  })

  test('is not one of a large body that came whole: it is answered, and keeps its connection', async () => {
    const body = JSON.stringify(chat('m')).replace('{', `{${' '.repeat(large / 30)}`)
    const head = headOf('/v1/chat/completions', body.length)
    const { text } = await onSocket(gateway.url, [head, body, head, body, head, body], 20)
    assert.is(text.match(/HTTP\/1\.1 200/g)?.length, 3)
  })

  test('of a small body keeps its connection', async () => {
    const body = JSON.stringify(chat('nobody'))
    const head = headOf('/models/nobody/generate', body.length)
    const { text } = await onSocket(gateway.url, [head, body, head, body], 20)
    assert.is(text.match(/HTTP\/1\.1 404/g)?.length, 2)
  })
})

describe('places', (test) => {
  test('are kept for a tenant who holds none, while another has all the others and more wait', async () => {
    const engine = await FakeEngine.start('slow-answer')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      config: { MODEL_SLOTS: 16, QUEUE_SECONDS: 1 },
    })
    try {
      const crowd = Array.from({ length: 30 }, () => gateway.post('/v1/chat/completions', chat('m')))
      await until(() => engine.running === 15, 'all places but one are taken')
      const authorization = `Bearer ${await gateway.identity.token({ client_id: 'support' })}`
      const other = gateway.post('/v1/chat/completions', chat('m'), { authorization })
      await until(() => engine.running === 16, 'the other tenant has the last one', 500)
      assert.is((await other).status, 200)
      await Promise.all(crowd)
    } finally {
      await gateway.stop()
      await engine.stop()
    }
  })

  test('in memory are kept, too: an eighth of the bytes', () => {
    const budget = new ByteBudget(800, { what: 'sends too much', reason: 'bytes' })
    budget.take('a', 400)
    budget.take('b', 300)
    assert.throws(() => budget.take('b', 1), /at once/)
    const last = budget.take('c', 100)
    assert.throws(() => budget.take('d', 1), /at once/)
    last.giveBack()
    assert.is(budget.held, 700)
  })
})

describe('the estimate of a prompt', (test) => {
  const tokens = (url: string) =>
    new BodyFields(Buffer.from(JSON.stringify({ model: 'm', messages: [{ image_url: { url } }] }))).promptTokens
  const base64 = (head: Buffer, length: number) => Buffer.concat([head, Buffer.alloc(length)]).toString('base64')

  const png = (width: number, height: number): Buffer => {
    const head = Buffer.alloc(24)
    head.write('\x89PNG\r\n\x1a\n', 'latin1')
    head.writeUInt32BE(width, 16)
    head.writeUInt32BE(height, 20)
    return head
  }
  const jpeg = Buffer.from('ffd8ffe000104a46494600010101004800480000ffc00011080300040003012200021101031101', 'hex')
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0x18, 0x01, 0x18, 0x01])])

  test('counts a picture by its pixels, whatever its bytes', () => {
    for (const [name, head, wanted] of [
      ['png', png(1024, 768), 37 * 28],
      ['png', png(28_000, 28_000), 16_384],
      ['jpeg', jpeg, 37 * 28],
      ['gif', gif, 100],
      ['bmp', Buffer.from('BM'), 1300],
    ] as const)
      for (const length of [1000, 1_000_000]) {
        const found = tokens(`data:image/${name};base64,${base64(head, length)}`)
        assert.ok(found >= wanted && found < wanted + 30, `${name}, ${length}: ${found}`)
      }
  })

  test('counts sound and video by their length, and other data by their bytes', () => {
    assert.ok(Math.abs(tokens(`data:audio/wav;base64,${base64(Buffer.alloc(0), 320_000)}`) - 250) < 30)
    assert.ok(tokens(`data:video/mp4;base64,${base64(Buffer.alloc(0), 1_250_000)}`) > 5000)
    assert.ok(tokens(`data:text/plain;base64,${base64(Buffer.alloc(0), 30_000)}`) > 9900)
    assert.is(new BodyFields(Buffer.from(`{"a":"${'x'.repeat(4000)}"}`)).promptTokens, 1002)
  })
})

describe('the list of a body', (test) => {
  test('is counted while it is scanned', () => {
    for (const [list, length] of [
      ['["a"]', 1],
      ['[ "a" , "b,c" , "\\"," ]', 3],
      ['[[1,2,3],[4, 5],[6]]', 3],
      ['[1,2,3]', 1],
      ['"a,b"', 1],
      ['[]', 1],
      ['[[1,[2,3]],[0,10,20]]', 2],
    ] as const)
      assert.is(
        new BodyFields(Buffer.from(`{"x":[1,2],"prompt":${list},"y":0}`)).listLength('prompt', 10),
        length,
        list,
      )
    assert.throws(() => new BodyFields(Buffer.from('{"prompt":["a","b"]}')).listLength('prompt', 1), /at most 1/)
  })
})
