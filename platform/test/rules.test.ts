// Rules over everything that Pulumi would make, for every cluster of the repository and for one that uses every setting.
import { assert, describe } from '../../test/spec.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from './graphs.ts'
import { apiCluster, insideCluster } from './other-edges.ts'
import { ownCluster, ownKubernetes } from './own-cluster.ts'
import { noStaleReasons } from './rules/iam.ts'
import { rules } from './rules/index.ts'

const clusters = [
  ...clusterNames.map(clusterOf),
  fullCluster(),
  ownCluster(),
  ownKubernetes(),
  apiCluster(),
  insideCluster(),
]

describe('every platform', (test) => {
  for (const rule of rules) {
    const { sentence, check } = rule
    // What a company brings itself has no part here that a reason would be about.
    const judged = clusters.filter(({ network }) => rule !== noStaleReasons || network.existing === undefined)
    test(sentence, async () => {
      for (const cluster of judged) {
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
