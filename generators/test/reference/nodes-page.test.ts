// docs/nodes.md: what it says of node pools is what is rendered, and every field and number it names is there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import { graceHours } from '../../plan/node-pools.ts'
import { renderNodePools } from '../../render/cluster/node-pools.ts'
import { nodesSchema } from '../../schema/cluster-sections.ts'
import { repositoryRoot } from '../fixture.ts'

const page = readFileSync(join(repositoryRoot, 'docs/nodes.md'), 'utf8')
const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })

interface PoolSpec {
  template: { spec: { expireAfter: string; terminationGracePeriod: string } }
  disruption: { consolidationPolicy: string; consolidateAfter: string; budgets: { nodes: string }[] }
}

/** First words in backticks of the second cell of the row whose first cell begins so. */
const cell = (field: string): string | undefined =>
  new RegExp(`^\\| \`${field}\` \\| \`([^\`]+)\``, 'm').exec(page)?.[1]

describe('docs/nodes.md', (test) => {
  test('shows the values that are rendered', () => {
    const specs = plans
      .flatMap((plan) => renderNodePools(plan))
      .flatMap(({ object }) => (object.kind === 'NodePool' ? [object.spec as unknown as PoolSpec] : []))
    assert.ok(specs.length > 0)
    for (const { template, disruption } of specs) {
      assert.is(cell('expireAfter'), template.spec.expireAfter)
      assert.is(cell('consolidationPolicy'), disruption.consolidationPolicy)
      assert.is(cell('budgets'), disruption.budgets[0]?.nodes)
      assert.match(page, `\`consolidateAfter\`, \`${disruption.consolidateAfter}\``)
    }
    assert.is(cell('terminationGracePeriod'), `${graceHours(0)}h`)
  })

  test('names every field that a cluster file has for nodes, and no other', () => {
    const named = [...page.matchAll(/`nodes\.(\w+)/g)].map((match) => match[1] ?? '')
    assert.equal([...new Set(named)].sort(), Object.keys(nodesSchema.properties).sort())
  })

  test('names derived numbers that are there', () => {
    const numbers = [...page.matchAll(/explain -- NAME (\w+)/g)].map((match) => match[1] ?? '')
    assert.ok(numbers.length > 2)
    for (const plan of plans)
      for (const model of plan.models) for (const name of numbers) assert.ok(name in model.derivations(), name)
  })
})
