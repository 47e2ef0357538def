// Which endpoint gets a request, whatever state the endpoints are in.
import { assert, describe } from '../../test/spec.ts'
import { readConfig } from '../read-config.ts'
import { type Choice, chooseEndpoint } from '../serving/choose.ts'
import { EndpointState } from '../serving/endpoint-state.ts'

const { config } = readConfig({})
/** Long after all of them appeared. */
const now = 1_000_000

const endpoint = (port: number, since = 0): EndpointState =>
  new EndpointState({ address: '10.0.0.1', port, ready: true }, config, since)

const choose = (endpoints: readonly EndpointState[], changes: Partial<Choice> = {}): EndpointState | undefined =>
  chooseEndpoint(endpoints, {
    now,
    affinity: undefined,
    affinityLoad: config.AFFINITY_LOAD,
    slots: config.MODEL_SLOTS,
    tried: [],
    unwell: 'some',
    steadyOnly: false,
    random: Math.random,
    ...changes,
  })

/** Out, as after failures that others did not meet. */
function eject({ health }: EndpointState): void {
  for (let index = 0; index < config.EJECT_FAILURES; index += 1) {
    health.end('failed', 'research', false, now)
    health.confirm('research', now)
  }
}

/** Those that get one of many requests: a hundred that nothing ties to an endpoint, and a hundred conversations. */
function chosen(endpoints: readonly EndpointState[], changes: Partial<Choice> = {}): (EndpointState | undefined)[] {
  const all = new Set<EndpointState | undefined>()
  for (let index = 0; index < 100; index += 1) {
    all.add(choose(endpoints, changes))
    all.add(choose(endpoints, { ...changes, affinity: Math.imul(index, 0x9e3779b1) >>> 0 }))
  }
  return endpoints.filter((one) => all.delete(one)).concat([...all] as EndpointState[])
}

describe('the choice of an endpoint', (test) => {
  test('passes over those that are ejected, until their time is over', () => {
    const [a, b, c] = [endpoint(1), endpoint(2), endpoint(3)]
    eject(b)
    assert.equal(chosen([a, b, c]), [a, c])
    const isBack = now + config.EJECT_SECONDS * 1000
    assert.equal(chosen([a, b, c], { now: isBack - 1 }), [a, c])
    // Back from it, it gets the next request, and no other until that has ended.
    assert.equal(chosen([a, b, c], { now: isBack }), [b])
    b?.health.begin(isBack)
    assert.equal(chosen([a, b, c], { now: isBack }), [a, c])
  })

  test('is between all of them when all are ejected: better a failing engine than none', () => {
    const endpoints = [endpoint(1), endpoint(2), endpoint(3)]
    for (const one of endpoints) eject(one)
    assert.equal(chosen(endpoints), endpoints)
    assert.equal(chosen(endpoints.slice(0, 1)), endpoints.slice(0, 1))
  })

  test('for a second try is an ejected one, when that is the only other', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    eject(b)
    assert.equal(chosen([a, b], { tried: [a] }), [b])
    assert.equal(chosen([a, b], { tried: [a, b] }), [undefined])
  })

  test('for a second try is one that has answered, if any has', () => {
    const [a, b, c, d] = [endpoint(1), endpoint(2), endpoint(3), endpoint(4)]
    assert.equal(chosen([a, b, c, d], { tried: [a] }), [b, c, d])
    c.health.end('answered', 'research', false, now)
    assert.equal(chosen([a, b, c, d], { tried: [a] }), [c])
    assert.equal(chosen([a, b, c, d]), [a, b, c, d])
  })

  test('passes over those that said they are busy, and is between them when all did', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    a.health.end({ busyMs: 1000 }, 'research', false, now)
    assert.equal(chosen([a, b]), [b])
    assert.equal(chosen([a, b], { now: now + 1000 }), [a, b])
    b.health.end({ busyMs: 1000 }, 'research', false, now)
    assert.equal(chosen([a, b]), [a, b])
  })

  test('is one that is not well when the well ones are full and nobody more may wait', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    a.begin(10)
    eject(b)
    assert.equal(chosen([a, b], { slots: 1, unwell: 'any' }), [b])
    assert.equal(chosen([b], { slots: 1, unwell: 'none' }), [undefined])
  })

  test('is steady, when that is asked for: it has answered, and has not failed for ten seconds', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    assert.equal(chosen([a, b], { steadyOnly: true }), [undefined])
    b.health.end('answered', 'research', false, now)
    assert.equal(chosen([a, b], { steadyOnly: true, unwell: 'any' }), [b])
    b.health.end('failed', 'research', false, now)
    b.health.end('answered', 'research', false, now)
    assert.equal(chosen([a, b], { steadyOnly: true, unwell: 'any', now: now + 9999 }), [undefined])
    assert.equal(chosen([a, b], { steadyOnly: true, now: now + 10_000 }), [b])
  })

  test('passes over those that are going away while any stays, also while all that stay are ejected', () => {
    const [going, staying] = [endpoint(1), endpoint(2)]
    going.ready = false
    assert.equal(chosen([going, staying]), [staying])
    eject(staying)
    assert.equal(chosen([going, staying]), [staying])
    assert.equal(chosen([going]), [going])
  })

  test('passes over those that are full, and is nobody when all are', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    a.begin(10)
    assert.equal(chosen([a, b], { slots: 1 }), [b])
    b.begin(10)
    assert.equal(chosen([a, b], { slots: 1 }), [undefined])
    a.end(10)
    assert.equal(chosen([a, b], { slots: 1 }), [a])
  })

  test('is not an ejected one because the healthy are full: they come free sooner than it is well again', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    a.begin(10)
    eject(b)
    assert.equal(chosen([a, b], { slots: 1 }), [undefined])
  })

  test('is the less loaded of two, in tokens and in requests', () => {
    const [a, b] = [endpoint(1), endpoint(2)]
    a.begin(1000)
    for (let index = 0; index < 20; index += 1) assert.is(choose([a, b]), b)
    // Twenty short ones weigh more than one of a thousand tokens.
    for (let index = 0; index < 20; index += 1) b.begin(1)
    for (let index = 0; index < 20; index += 1) assert.is(choose([a, b]), a)
  })

  test('gives a new one few requests at first: a tenth of a full share, after 5 s half of one, after 10 s all', () => {
    for (const [age, least, most] of [
      [0, 7, 11],
      [5, 31, 35],
      [10, 49, 51],
    ] as const) {
      const [old, fresh] = [endpoint(1), endpoint(2, now - age * 1000)]
      for (let index = 0; index < 100; index += 1) choose([old, fresh])?.begin(0)
      assert.ok(fresh.inflight >= least && fresh.inflight <= most, `${fresh.inflight} of 100 after ${age} s`)
      assert.is(old.inflight + fresh.inflight, 100)
    }
  })

  test('gives a new one few conversations too: it is busy with two while an old one is with twenty', () => {
    const [old, fresh] = [endpoint(1), endpoint(2, now)]
    for (let index = 0; index < 20; index += 1) old.begin(0)
    fresh.begin(0)
    fresh.begin(0)
    const conversations = Array.from({ length: 100 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 0)
    const share = (at: number) =>
      conversations.filter((affinity) => choose([old, fresh], { affinity, now: at }) === fresh).length
    assert.is(share(now), 0)
    assert.is(share(now + config.SLOW_START_SECONDS * 1000), 100)
  })
})
