// How an `up` can end before it is done, and what is seen then: docs/how-to/deploy.md says what a person does about it.
import { setTimeout } from 'node:timers/promises'
import { assert } from '../../../test/spec.ts'
import type { Cloud } from './cloud.ts'
import type { Engine, Run } from './engine.ts'

/** After some fifty resources. What is under way is finished first, so nothing is left pending and nothing locked. */
export async function interrupt(engine: Engine, signal: 'SIGINT' | 'SIGTERM'): Promise<Run> {
  let begun = 0
  const run = await engine.run('up', ({ action }) => {
    if (action !== 'create') return
    begun += 1
    if (begun === 55) engine.end(signal)
  })
  assert.match(run.failure ?? '', /update canceled/)
  assert.equal(await engine.pending(), [])
  return run
}

/** While CloudFront makes the distribution, and all else that can be made is there. The stack stays locked until somebody frees it. */
export async function crash(engine: Engine, cloud: Cloud, distribution: string): Promise<Run> {
  await cloud.stall('/2020-05-31/distribution')
  let isOver = false
  const ended = engine.run('up').finally(() => {
    isOver = true
  })
  do await setTimeout(2000)
  while (!isOver && ((await cloud.stalled()) === 0 || (await engine.pending()).length > 1))
  assert.not(isOver, `it ended while ${distribution} was to be made: ${isOver && (await ended).failure}`)
  engine.end('SIGKILL')
  const run = await ended
  await cloud.stall()
  assert.equal(await engine.pending(), [distribution])
  assert.match((await engine.run('up')).failure ?? '', /currently locked by 1 lock.*pulumi cancel/)
  await engine.command('cancel', '--yes')
  return run
}
