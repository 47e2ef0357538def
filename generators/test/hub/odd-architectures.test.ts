// What every odd family keeps of past tokens, from its config.json to the blocks of one request, or why it is refused.
import { assert, describe } from '../../../test/spec.ts'
import { configFacts } from '../../hub/config-facts.ts'
import { HubProblem } from '../../hub/hub-problem.ts'
import { engineTraits } from '../../plan/engine-traits.ts'
import { cacheLayout } from '../../plan/kv-cache.ts'
import { oddArchitectures } from './odd-architectures.ts'

const [traits] = engineTraits('0.32.0')

describe('layers of odd architectures', (test) => {
  for (const [name, { config, given, want }] of Object.entries(oddArchitectures)) {
    const { tokens, inFlight, parallel = 1 } = given
    if (want instanceof RegExp)
      test(`${name}: refused, with its reason`, () => {
        try {
          configFacts(config)
        } catch (error) {
          assert.instance(error, HubProblem)
          const { rule, message, hint } = error as HubProblem
          assert.is(rule, 'attention')
          assert.match(message, want)
          return assert.ok(hint.length > 20)
        }
        throw new Error('was not refused')
      })
    else
      test(`${name}: ${want.blocks.toLocaleString('en-US')} blocks for ${tokens.toLocaleString('en-US')} tokens`, () => {
        const lock = configFacts(config)
        const layout = cacheLayout({ lock, parallel, cacheBytes: 2, modelBytes: 2, traits })
        const { bytesPerBlock, groups } = layout
        assert.equal({ bytesPerBlock, groups, blocks: layout.blocksOf(tokens, inFlight) }, want)
      })
  }
})
