// What KEDA does with the ScaledObjects that synth renders: when a model is kept, woken, scaled to zero, and left alone.
import { assert, describe } from '../../../test/spec.ts'
import { inWindow, PodAutoscaler, poll, type Scaled, type ScaledSpec, type Source } from './keda.ts'
import { scaledSpecOf } from './scaled-spec.ts'

const sleeper = 'scaling: { minReplicas: 0, maxReplicas: 4, idleAfter: 30m }'
const spec: ScaledSpec = scaledSpecOf(sleeper)
const zero: Source[] = [0, 0, 0]
const away: Source[] = ['away', 'away', 'away']

/** Polls each 15 s, with the autoscaler in between. @returns the counts that it had */
function run(scaled: Scaled, seconds: number, sources: readonly Source[], from = 0, of: ScaledSpec = spec): number[] {
  const autoscaler = new PodAutoscaler()
  const counts = []
  for (let at = from; at < from + seconds; at += 15) {
    poll(of, scaled, sources, at)
    autoscaler.sync(of, scaled, sources, at)
    counts.push(scaled.replicas)
  }
  return counts
}

describe('KEDA', (test) => {
  test('wakes a model for one request, with one pod', () => {
    const scaled: Scaled = { replicas: 0, failures: [] }
    assert.equal(run(scaled, 15, [0, 1, 1]), [1])
  })

  test('keeps a pod that loads for as long as the query says so, and takes it a minute later', () => {
    const scaled: Scaled = { replicas: 0, failures: [] }
    assert.equal(new Set(run(scaled, 1800, [0, 0, 1])), new Set([1]))
    assert.equal(run(scaled, 90, zero, 1800).indexOf(0) * 15, 60)
  })

  test('keeps what runs while Prometheus is away, at its number', () => {
    for (const replicas of [1, 3]) {
      const scaled: Scaled = { replicas, lastActiveAt: 0, failures: [] }
      assert.equal(new Set(run(scaled, 7200, away, 15)), new Set([replicas]))
    }
  })

  test('leaves a sleeping model asleep while Prometheus restarts, and wakes it when nobody could for ten minutes', () => {
    const scaled: Scaled = { replicas: 0, failures: [] }
    const counts = run(scaled, 900, away)
    assert.is(counts.indexOf(1) * 15, 600)
  })

  test('does nothing to what runs while no gateway is read, and to what Prometheus has just begun to read', () => {
    const scaled: Scaled = { replicas: 2, lastActiveAt: 0, failures: [] }
    assert.equal(new Set(run(scaled, 500, [0, 0, undefined], 3600)), new Set([2]))
  })

  test('keeps what runs though one query alone fails', () => {
    const scaled: Scaled = { replicas: 2, lastActiveAt: 0, failures: [] }
    assert.equal(new Set(run(scaled, 500, ['away', 0, 0], 3600)), new Set([2]))
  })

  test('orders by what waits and runs, up to the maximum, and takes one pod a minute', () => {
    const scaled: Scaled = { replicas: 1, lastActiveAt: 0, failures: [] }
    assert.equal(run(scaled, 15, [0, 500, 1]), [4])
    // The autoscaler of a run remembers nothing of the one before.
    assert.equal(
      run(scaled, 150, [30, 0, 1], 15).filter((count, index, all) => count !== all[index - 1]),
      [3, 2],
    )
  })
})

describe('a schedule', (test) => {
  const windows = (cron: string): Record<string, string>[] => {
    const schedule = `[{ cron: "${cron}", timeZone: Europe/Berlin, minReplicas: 1 }]`
    return scaledSpecOf(sleeper.replace(' }', `, schedule: ${schedule} }`))
      .triggers.filter(({ type }) => type === 'cron')
      .map(({ metadata }) => metadata)
  }

  for (const cron of [
    '* 8-17 * * mon-fri',
    '* 22-23,0-5 * * *',
    '* 9-11,13-17 * * 1,3',
    '* * * * sat,sun',
    '* 20-23 * * 5-6',
    '* 0 * * 0',
  ])
    test(`is kept at exactly the minutes of ${cron}`, () => {
      const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
      const holds = (list: string, number: number): boolean =>
        list === '*' ||
        list.split(',').some((part) => {
          const [from = 0, to = from] = part
            .split('-')
            .map((end) => (names.includes(end) ? names.indexOf(end) : Number(end)))
          return number >= from && number <= to
        })
      const [, hours = '', , , days = ''] = cron.split(' ')
      const kept = windows(cron)
      assert.ok(kept.length > 0)
      for (let minute = 0; minute < 7 * 1440; minute += 10) {
        const named = holds(days, Math.floor(minute / 1440)) && holds(hours, Math.floor((minute % 1440) / 60))
        assert.is(
          kept.some((window) => inWindow(window, minute)),
          named,
          `${cron} at minute ${minute}`,
        )
      }
    })

  test('keeps its pods while nobody asks', () => {
    const schedule = '[{ cron: "* 8-17 * * *", timeZone: UTC, minReplicas: 2 }]'
    const office = scaledSpecOf(sleeper.replace(' }', `, schedule: ${schedule} }`))
    const scaled: Scaled = { replicas: 0, failures: [] }
    assert.equal(run(scaled, 60, [...zero, 2], 0, office), [2, 2, 2, 2])
    assert.is(run(scaled, 600, [...zero, 0], 60, office).at(-1), 0)
  })
})
