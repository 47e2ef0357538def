// What a model is asked after a rollout: by task, by its engine's parsers, or by what the model file says.
import { assert, describe } from '../../../test/spec.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { planSmoke, type SmokePlan } from '../../plan/smoke.ts'
import type { ValidModel } from '../../validate/repository.ts'

const asked = (extraArgs: string[], smoke: object = {}, maxModelLen = 8192): SmokePlan =>
  planSmoke(
    {
      name: 'm',
      lock: { hasChatTemplate: true },
      settings: { task: 'text-generation', engine: { extraArgs }, smoke, slo: {} },
    } as unknown as ValidModel,
    { coldStartSeconds: 100 } as ModelPlan['rollout'],
    maxModelLen,
  )

const calls = ['--enable-auto-tool-choice', '--tool-call-parser=hermes']

describe('the question of a smoke test', (test) => {
  test('is for JSON where a parser takes the answer apart', () => {
    assert.equal(asked([]).expect, {})
    for (const flags of [calls, ['--reasoning-parser', 'qwen3']])
      assert.ok(asked(flags).expect.schema !== undefined, String(flags))
  })

  test('is followed by one for the call of a tool where the engine has a parser for it and takes such requests', () => {
    assert.is(asked(calls).callsTools, true)
    assert.is(asked(['--tool-call-parser', 'hermes', '--enable-auto-tool-choice']).callsTools, true)
    for (const flags of [[], ['--reasoning-parser=qwen3'], ['--tool-call-parser=hermes']])
      assert.is(asked(flags).callsTools, undefined, String(flags))
  })

  test('is that of the model file alone, when it says one', () => {
    for (const smoke of [{ prompt: 'Hello' }, { expect: { contains: 'Paris' } }]) {
      const { callsTools, expect } = asked(calls, smoke)
      assert.is(callsTools, undefined)
      assert.is(expect.schema, undefined)
    }
  })

  test('asks for no more than half of a short context', () => {
    assert.is(asked(calls).maxTokens, undefined)
    assert.is(asked(calls, {}, 1000).maxTokens, 500)
  })
})
