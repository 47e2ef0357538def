// What the gateway believes of an endpoint: each rule of the model, and that any mix of faults costs next to nothing.
import { assert, describe } from '../../test/spec.ts'
import { readConfig } from '../read-config.ts'
import { EndpointHealth } from '../serving/health.ts'
import { ModelHealth } from '../serving/model-health.ts'
import { type Behaviour, randomOf, Simulation, type Visit, visitsOf } from './health-simulation.ts'

const { config } = readConfig({})

/** Endpoints of one model, at a time that moves. */
function companyOf(count: number) {
  const clock = { now: 1_000_000 }
  const members = Array.from({ length: count }, () => new EndpointHealth(config))
  const health = new ModelHealth(config)
  health.members = members
  let ejections = 0
  const at = (index: number) => members[index] as EndpointHealth
  /** One request of a tenant ends so. */
  const end = (index: number, verdict: Parameters<EndpointHealth['end']>[0], tenant = 'a') => {
    const isProbe = at(index).begin(clock.now)
    if (verdict === 'answered') health.answers(at(index), 'whole', clock.now - 100, clock.now)
    ejections += health.ended(at(index), verdict, tenant, isProbe, clock.now)
  }
  const standing = (index: number) => at(index).standing(clock.now)
  return { clock, health, at, end, standing, ejections: () => ejections }
}

describe('an endpoint', (test) => {
  test('that says it is busy is the last choice for as long as it says, and no failure', () => {
    const { clock, end, standing, ejections } = companyOf(2)
    for (let index = 0; index < 10; index += 1) end(0, { busyMs: 2000 })
    assert.is(standing(0), 'busy')
    clock.now += 1999
    assert.is(standing(0), 'busy')
    clock.now += 1
    assert.is(standing(0), 'well')
    assert.is(ejections(), 0)
  })

  test('that failed is out for a moment; after a second failure one request looks at a time', () => {
    const { clock, at, end, standing } = companyOf(2)
    end(0, 'failed')
    assert.is(standing(0), 'out')
    clock.now += 250
    assert.is(standing(0), 'well')
    end(0, 'failed')
    clock.now += 499
    assert.is(standing(0), 'out')
    clock.now += 1
    assert.is(standing(0), 'due')
    assert.is(at(0).begin(clock.now), true)
    assert.is(standing(0), 'out')
    assert.is(at(0).begin(clock.now), false)
    at(0).end('neutral', 'a', true, clock.now)
    assert.is(standing(0), 'due')
    end(0, 'answered')
    assert.is(standing(0), 'well')
  })

  test('is ejected at the third failure in a row that is answered elsewhere: for 5 s, then 10, 20, 40, 60 and 60', () => {
    const { clock, at, end, standing, ejections } = companyOf(2)
    const fails = () => {
      end(0, 'failed')
      end(1, 'answered')
      clock.now += 1000
    }
    for (let index = 0; index < 5; index += 1) {
      fails()
      fails()
      end(0, 'answered')
    }
    assert.is(ejections(), 0)
    fails()
    fails()
    for (const [index, seconds] of [5, 10, 20, 40, 60, 60].entries()) {
      end(0, 'failed')
      end(1, 'answered')
      assert.is(ejections(), index + 1)
      clock.now += seconds * 1000 - 1
      assert.is(at(0).isEjected(clock.now), true, `not out for ${seconds} s`)
      clock.now += 1
      assert.is(at(0).isEjected(clock.now), false, `out for more than ${seconds} s`)
      assert.is(standing(0), 'due')
    }
    end(0, 'answered')
    assert.is(standing(0), 'well')
    for (let index = 0; index < 3; index += 1) fails()
    assert.is(at(0).isEjected(clock.now - 1000 + 4999), true)
    assert.is(at(0).isEjected(clock.now - 1000 + 5000), false)
  })

  test('that cannot be reached is ejected at the third time, by any tenant’s requests', () => {
    const { end, ejections, standing } = companyOf(1)
    end(0, 'unreachable')
    end(0, 'unreachable')
    assert.is(ejections(), 0)
    end(0, 'unreachable')
    assert.is(ejections(), 1)
    assert.is(standing(0), 'out')
  })

  test('is not ejected by a tenant that fails everywhere, however often; it is by two that are answered elsewhere', () => {
    const { clock, end, ejections } = companyOf(2)
    for (let index = 0; index < 100; index += 1) {
      end(index % 2, 'failed', 'poisonous')
      clock.now += 100
    }
    assert.is(ejections(), 0)
    end(1, 'answered', 'other')
    assert.is(ejections(), 0)
    for (const tenant of ['b', 'c', 'd']) {
      end(0, 'failed', tenant)
      clock.now += 100
      end(1, 'answered', tenant)
    }
    assert.is(ejections(), 1)
  })

  test('is as well as before when the same request failed elsewhere too, once for each time that others were answered', () => {
    const { clock, at, end, standing } = companyOf(2)
    end(0, 'answered')
    end(0, 'failed')
    at(0).acquit()
    assert.is(standing(0), 'well')
    end(0, 'failed')
    at(0).acquit()
    assert.is(standing(0), 'out')
    clock.now += 1000
    end(0, 'answered')
    end(0, 'failed')
    at(0).acquit()
    assert.is(standing(0), 'well')
  })

  test('is silent when later requests are answered elsewhere and one that looks is not answered either; a byte brings it back', () => {
    const { clock, health, at, end, standing, ejections } = companyOf(2)
    const sentAt = clock.now
    const waits = (since: number) => health.waits(at(0), 'whole', since, clock.now)
    clock.now += 10_000
    assert.is(waits(sentAt), 'stays', 'nobody was answered elsewhere')
    end(1, 'answered')
    assert.is(waits(sentAt), 'stays')
    assert.is(standing(0), 'due')
    const probedAt = clock.now
    assert.is(at(0).begin(probedAt), true)
    clock.now += 1000
    assert.is(waits(probedAt), 'stays', 'the one that looks has not been overtaken')
    end(1, 'answered')
    assert.is(waits(probedAt), 'ejected')
    assert.is(waits(sentAt), 'moves')
    assert.is(standing(0), 'out')
    assert.is(at(0).isEjected(clock.now), true)
    at(0).lives('whole', clock.now)
    assert.is(standing(0), 'well')
    assert.is(ejections(), 0, 'waits reported it')
  })

  test('is not silent while it takes three times as long as the slowest answer of late, or sends anything', () => {
    const { clock, health, at, end } = companyOf(2)
    health.answers(at(1), 'whole', clock.now - 4000, clock.now)
    const sentAt = clock.now
    clock.now += 11_000
    end(1, 'answered')
    assert.is(health.waits(at(0), 'whole', sentAt, clock.now), 'stays')
    assert.is(at(0).isSuspect('whole'), false)
    at(0).lives('whole', clock.now)
    clock.now += 2000
    end(1, 'answered')
    assert.is(health.waits(at(0), 'whole', sentAt, clock.now), 'stays')
    assert.is(at(0).isSuspect('whole'), false)
    clock.now += 12_000
    end(1, 'answered')
    assert.is(health.waits(at(0), 'whole', sentAt, clock.now), 'stays')
    assert.is(at(0).isSuspect('whole'), true)
  })

  test('is found silent also when one looked at it already before it was suspect', () => {
    const { clock, health, at, end, standing } = companyOf(2)
    const sentAt = clock.now
    end(0, 'failed')
    clock.now += 500
    end(0, 'failed')
    clock.now += 500
    assert.is(at(0).begin(clock.now), true)
    clock.now += 1500
    end(1, 'answered')
    assert.is(health.waits(at(0), 'whole', sentAt, clock.now), 'stays')
    assert.is(standing(0), 'due')
  })

  test('that refuses, or answers requests of the other kind, may still be silent', () => {
    const { clock, health, at, end, standing } = companyOf(2)
    const first = clock.now
    const waits = (sentAt: number) => {
      health.answers(at(1), 'stream', clock.now - 10, clock.now)
      return health.waits(at(0), 'stream', sentAt, clock.now)
    }
    clock.now += 2500
    end(0, 'answered')
    end(0, { busyMs: 100 })
    assert.is(waits(first), 'stays')
    assert.is(standing(0), 'out', 'it says that it is busy')
    clock.now += 100
    assert.is(standing(0), 'due')
    const second = clock.now
    clock.now += 600
    end(0, 'answered')
    assert.is(waits(second), 'ejected')
    end(0, 'answered')
    assert.is(standing(0), 'out')
    at(0).lives('stream', clock.now)
    assert.is(standing(0), 'well')
  })

  test('is silent also when each client leaves sooner than that', () => {
    const { clock, health, at, end, standing } = companyOf(2)
    const leaves = () => {
      const sentAt = clock.now
      clock.now += 1000
      end(1, 'answered')
      return health.left(at(0), 'whole', sentAt, clock.now)
    }
    leaves()
    assert.is(standing(0), 'well')
    leaves()
    assert.is(standing(0), 'due')
    at(0).begin(clock.now)
    assert.is(leaves(), 'ejected')
  })
})

/** A fault of one endpoint that has nothing to do with what is asked. */
function faultOf(random: () => number): Behaviour {
  const afterMs = Math.floor(random() * random() * 800)
  const busyMs = [100, 1000, 2000, 5000][Math.floor(random() * 4)] as number
  const behaviours: Behaviour[] = [
    { does: 'refuses', afterMs, busyMs },
    { does: 'refuses', afterMs: 0, busyMs: 1000 },
    { does: 'fails', afterMs },
    { does: 'fails', afterMs: 0 },
    { does: 'silent' },
    { does: 'unreachable' },
  ]
  return behaviours[Math.floor(random() * behaviours.length)] as Behaviour
}

/** Twenty requests a second for half a minute, at two to five endpoints of which one is well, from any moment on. */
function mixOf(seed: number) {
  const random = randomOf(seed)
  const count = 2 + Math.floor(random() * 4)
  const onset = random() < 0.5 ? 0 : Math.floor(random() * 8000)
  // What is wrong may be the same for all requests, or of another kind for streams.
  const faults = Array.from({ length: count }, () => {
    const whole = faultOf(random)
    return { whole, stream: random() < 0.5 ? whole : faultOf(random) }
  })
  const latency = { stream: 20 + random() * random() * 2000, whole: 50 + random() * random() * 3000 }
  const behaviour = (endpoint: number, { kind }: Visit, now: number): Behaviour => {
    const fault = faults[endpoint]?.[kind]
    if (endpoint > 0 && now >= onset && fault) return fault
    return { does: 'answers', afterMs: latency[kind] * (0.5 + random()) }
  }
  const simulation = new Simulation(count, seed, behaviour)
  const patienceMs = random() < 0.2 ? 1500 + 1.5 * Math.max(latency.whole, latency.stream) : 20_000
  const visits = visitsOf(30, 50, (index) => ({
    tenant: `t${index % 3}`,
    kind: random() < 0.5 ? 'stream' : 'whole',
    patienceMs,
  }))
  simulation.run(visits)
  const counted = simulation.seen.filter(({ visit }) => visit.at >= onset + 5000)
  const answered = counted.filter(({ isAnswered }) => isAnswered).length
  return { share: answered / counted.length, of: counted.length, faults: faults.slice(1), onset, patienceMs, latency }
}

describe('any mix of faults', (test) => {
  test('in which one endpoint is well costs less than one request in a hundred after five seconds', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const { share, of, ...mix } = mixOf(seed)
      assert.ok(of > 300)
      assert.ok(share >= 0.99, `seed ${seed}: ${share} of ${of}, ${JSON.stringify(mix)}`)
    }
  })

  test('comes out the same for the same seed', () => {
    assert.equal(mixOf(7), mixOf(7))
  })
})

describe('a tenant whose requests fail everywhere', (test) => {
  test('ejects nobody, and the requests of others are answered', () => {
    for (const count of [1, 2, 4]) {
      const behaviour = (_: number, { tenant }: Visit): Behaviour =>
        tenant === 'poisonous' ? { does: 'fails', afterMs: 20 } : { does: 'answers', afterMs: 200 }
      const simulation = new Simulation(count, count, behaviour)
      simulation.run(
        visitsOf(20, 25, (index) => ({
          tenant: index % 2 === 0 ? 'poisonous' : 'other',
          kind: 'whole',
          patienceMs: 20_000,
        })),
      )
      assert.is(simulation.ejections, 0)
      const others = simulation.seen.filter(({ visit }) => visit.tenant === 'other')
      assert.is(others.length, 400)
      assert.ok(others.every(({ isAnswered }) => isAnswered))
    }
  })
})
