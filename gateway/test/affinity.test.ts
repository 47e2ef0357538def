// Conversations stay at the engine that has seen their beginning, but not at the price of a crowd.
import { assert, describe } from '../../test/spec.ts'
import { affinityOf } from '../request/affinity.ts'
import { BodyFields } from '../request/fields.ts'
import { FakeEngine } from './fake-engine.ts'
import { model, startGateway } from './harness.ts'

const withAffinity = { spec: { ...model('x', []).spec, affinity: 'prefix' as const } }
const system =
  'You are the assistant of a harbour office. Answer in one sentence, politely, and never guess a berth number.'

describe('prefix affinity', (test) => {
  test('keeps the turns of a conversation together, spreads a crowd, and moves only the share of an endpoint that leaves', async () => {
    const engines = await Promise.all([1, 2, 3, 4].map(() => FakeEngine.start()))
    const gateway = await startGateway(
      [
        model(
          'm',
          engines.map(({ endpoint }) => endpoint),
          withAffinity,
        ),
      ],
      {
        config: { SLOW_START_SECONDS: 0.001 },
      },
    )
    const places = new Map<number, FakeEngine[]>()
    const turn = async (talk: number, length: number, hold = false) => {
      const messages = [
        { role: 'system', content: system },
        { role: 'user', content: `Talk ${talk}: which berth is free?` },
      ]
      for (let index = 1; index < length; index += 1)
        messages.push(
          { role: 'assistant', content: `Answer ${index}.` },
          { role: 'user', content: `And then, ${index}?` },
        )
      const before = new Map(engines.map((engine) => [engine, engine.seen.length]))
      const asked = gateway.post('/v1/chat/completions', { model: 'm', messages })
      if (!hold) await (await asked).text()
      const place = engines.find((engine) => engine.seen.length > (before.get(engine) ?? 0))
      if (place) places.set(talk, [...(places.get(talk) ?? []), place])
      return asked
    }
    for (let length = 1; length <= 5; length += 1) for (let talk = 0; talk < 100; talk += 1) await turn(talk, length)
    let together = 0
    for (const visited of places.values()) {
      const most = Math.max(...engines.map((engine) => visited.filter((one) => one === engine).length))
      together += most
    }
    assert.ok(together / 500 >= 0.95, `${together / 500}`)
    // All four have a fair part of the conversations.
    for (const engine of engines) assert.ok(engine.seen.length > 50, `${engine.seen.length}`)

    const homes = new Map([...places].map(([talk, visited]) => [talk, visited.at(-1)]))
    const [gone, ...rest] = engines
    gateway.directory.setEndpoints(
      'm',
      rest.map(({ endpoint }) => endpoint),
    )
    places.clear()
    for (let talk = 0; talk < 100; talk += 1) await turn(talk, 6)
    for (const [talk, [place]] of places) if (homes.get(talk) !== gone) assert.is(place, homes.get(talk))

    // One conversation asked by many at once: more than 1.25 times the mean goes elsewhere.
    for (const engine of rest) {
      engine.seen.length = 0
      engine.fault = async ({ res }) => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        const choices = [{ index: 0, message: { role: 'assistant', content: 'Berth 4.' }, finish_reason: 'stop' }]
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }))
      }
    }
    await Promise.all(Array.from({ length: 60 }, () => turn(7, 1, true)))
    const counts = rest.map((engine) => engine.seen.length)
    assert.is(
      counts.reduce((sum, count) => sum + count, 0),
      60,
    )
    assert.ok(Math.max(...counts) <= 60 * (1.25 / 3) + 3, `${counts}`)
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  })

  test('follows the client’s own key', async () => {
    const engines = await Promise.all([1, 2, 3, 4].map(() => FakeEngine.start()))
    const gateway = await startGateway(
      [
        model(
          'm',
          engines.map(({ endpoint }) => endpoint),
          withAffinity,
        ),
      ],
      {
        config: { SLOW_START_SECONDS: 0.001 },
      },
    )
    for (let index = 0; index < 20; index += 1)
      await gateway.post('/v1/completions', { model: 'm', prompt: `short ${index}`, prompt_cache_key: 'one-session' })
    assert.equal(engines.map((engine) => engine.seen.length).sort(), [0, 0, 0, 20])
    for (let index = 0; index < 20; index += 1)
      await gateway.post('/v1/completions', { model: 'm', prompt: `short ${index}` }, { 'x-session-id': 'another' })
    assert.ok(engines.filter((engine) => engine.seen.length > 0).length <= 2)
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  })

  test('keeps tenants apart that begin alike, and sends each its own way', async () => {
    const talk = (index: number) => ({
      model: 'm',
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: `Talk ${index}` },
      ],
    })
    const hashOf = (body: object, tenant: string, session?: string) =>
      affinityOf(new BodyFields(Buffer.from(JSON.stringify(body))), tenant, session, 512)
    for (const [body, session] of [
      [talk(1), undefined],
      [{ model: 'm', prompt: system }, undefined],
      [{ model: 'm', prompt: 'x', prompt_cache_key: 'one-session' }, undefined],
      [{ model: 'm', prompt: 'x' }, 'one-session'],
    ] as const) {
      assert.type(hashOf(body, 'research', session), 'number')
      assert.is.not(hashOf(body, 'research', session), hashOf(body, 'support', session))
    }

    const engines = await Promise.all([1, 2, 3, 4].map(() => FakeEngine.start()))
    const endpoints = engines.map(({ endpoint }) => endpoint)
    const gateway = await startGateway([model('m', endpoints, withAffinity)], { config: { SLOW_START_SECONDS: 0.001 } })
    const support = { authorization: `Bearer ${await gateway.identity.token({ client_id: 'support' })}` }
    const placeOf = async (index: number, headers: Record<string, string>): Promise<number> => {
      for (const engine of engines) engine.seen.length = 0
      await (await gateway.post('/v1/chat/completions', talk(index), headers)).text()
      return engines.findIndex((engine) => engine.seen.length > 0)
    }
    let apart = 0
    for (let index = 0; index < 30; index += 1) {
      const [first, other, again] = [await placeOf(index, {}), await placeOf(index, support), await placeOf(index, {})]
      assert.is(again, first)
      if (other !== first) apart += 1
    }
    // Three of four are, by chance.
    assert.ok(apart >= 8, `${apart} of 30`)
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  })
})
