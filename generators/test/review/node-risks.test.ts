// What a card says of rendered node pools, whatever changed them: a cluster file, a model, or the generator itself.
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import { renderNodePools } from '../../render/cluster/node-pools.ts'
import { objectChanges } from '../../review/object-changes.ts'
import { nodeRisks } from '../../review/risks/node-risks.ts'
import { makeSide } from '../../review/side.ts'
import { manifestPath, manifestText } from '../../write/rendered-file.ts'
import { validFixture } from '../fixture.ts'

const { plans } = planRepository(validFixture, { models: [], clusters: ['blue'] })
const files = plans
  .flatMap((plan) => renderNodePools(plan))
  .map((manifest) => ({
    path: manifestPath(manifest),
    text: manifestText(manifest),
  }))
const side = makeSide({ models: [] } as never, plans, [])

type Edit = [from: string | RegExp, to: string]

/** Risks when every file of the kind that has the text is edited on one side; the other side is what synth renders. */
function risksOf(kind: string, [from, to]: Edit, edited: 'before' | 'after' = 'after') {
  const changes = files.flatMap(({ path, text }) => {
    const other = path.includes(`/${kind}`) ? text.replace(from, to) : text
    if (other === text) return []
    return [edited === 'after' ? { path, before: text, after: other } : { path, before: other, after: text }]
  })
  assert.ok(changes.length > 0, 'nothing was edited')
  return nodeRisks(objectChanges(changes), side)
}

const rulesOf = (...args: Parameters<typeof risksOf>): string[] => risksOf(...args).map(({ rule }) => rule)

describe('risks of nodes', (test) => {
  test('name the pools that a moved image replaces, how, and the models that are away, the longest first', () => {
    const [risk, ...others] = risksOf('ec2nodeclass', [/alias: \S+/, 'alias: al2023@v20270131'])
    assert.equal(others, [])
    assert.match(
      risk?.text ?? '',
      /^image al2023@v\d+ → al2023@v20270131: Karpenter replaces every node of cpu, l4, one of/,
    )
    assert.match(risk?.text ?? '', /chat ≈\d+ min, embed ≈1 min, demo ≈1 min/)
    assert.is(risk?.where, 'blue/node-pools')
  })

  test('count every field that makes a node drift, and name only pools that have it', () => {
    assert.match(
      risksOf('nodepool-l4', [/terminationGracePeriod: \S+/, 'terminationGracePeriod: 1h'])[0]?.text ?? '',
      'of l4, one',
    )
    assert.equal(rulesOf('ec2nodeclass', ['volumeSize: 100Gi', 'volumeSize: 200Gi']), ['nodes-replaced'])
    assert.equal(rulesOf('nodepool', [/slipway.dev\/node-pool: \S+/, 'slipway.dev/node-pool: other']), [
      'nodes-replaced',
    ])
    assert.equal(rulesOf('nodepool', ['- m7i.large', '- m7i.2xlarge']), ['nodes-replaced'])
  })

  test('know what replaces no node: more instance types, limits, when empty nodes go', () => {
    assert.equal(rulesOf('nodepool', ['- m7i.large', '- m7i.large\n            - m7i.2xlarge']), [])
    assert.equal(rulesOf('nodepool', [/cpu: "?64"?/, 'cpu: "128"']), [])
    assert.equal(rulesOf('nodepool', ['consolidateAfter: 5m', 'consolidateAfter: 10m']), [])
  })

  test('warn of any expiry and of a shorter one, not of a longer one or none', () => {
    assert.ok(rulesOf('nodepool', ['expireAfter: Never', 'expireAfter: 48h']).includes('nodes-expire'))
    assert.equal(rulesOf('nodepool', ['expireAfter: Never', 'expireAfter: 48h'], 'before'), ['nodes-replaced'])
    const added = files.flatMap(({ path, text }) => [
      { path, before: undefined, after: text.replace('expireAfter: Never', 'expireAfter: 9h') },
    ])
    assert.equal(
      nodeRisks(objectChanges(added), side).map(({ rule }) => rule),
      ['nodes-expire'],
    )
  })

  test('warn when running pods are moved to pack nodes, and name other budgets', () => {
    for (const policy of ['WhenEmptyOrUnderutilized', 'Balanced'])
      assert.equal(rulesOf('nodepool', ['consolidationPolicy: WhenEmpty', `consolidationPolicy: ${policy}`]), [
        'nodes-packed',
      ])
    assert.equal(rulesOf('nodepool', ['consolidationPolicy: WhenEmpty', 'consolidationPolicy: Balanced'], 'before'), [])
    assert.equal(rulesOf('nodepool', ['- nodes: "1"', '- nodes: 10%']), ['node-budgets'])
  })

  test('warn of a pool that goes, once for all of them', () => {
    const removed = files.map(({ path, text }) => ({ path, before: text, after: undefined }))
    const risks = nodeRisks(objectChanges(removed), side)
    assert.equal(
      risks.map(({ rule }) => rule),
      ['node-pool-removed'],
    )
    assert.match(risks[0]?.text ?? '', 'nodes of cpu, l4 go')
  })
})
