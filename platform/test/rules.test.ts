// Rules over everything that Pulumi would make, for every cluster of the repository and for one that uses every setting.
import { assert, describe } from '../../test/spec.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from './graphs.ts'
import { rules } from './rules/index.ts'

const clusters = [...clusterNames.map(clusterOf), fullCluster()]

describe('every platform', (test) => {
  for (const { sentence, check } of rules) {
    test(sentence, async () => {
      for (const cluster of clusters) {
        const graph = await graphOf(cluster)
        assert.equal(check(graph), [], `${cluster.name} in ${cluster.region}`)
      }
    })
  }
})

describe('a rule notices', (test) => {
  for (const { sentence, check, breaks } of rules) {
    test(`what breaks it: ${sentence}`, async () => {
      assert.ok(Object.keys(breaks).length > 0, 'a rule without a break proves nothing')
      const sound = await graphOf(fullCluster())
      for (const [what, damage] of Object.entries(breaks)) {
        const broken = structuredClone(sound)
        damage(broken)
        assert.ok(check(broken).length > 0, what)
      }
    })
  }
})
