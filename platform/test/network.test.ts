// The network of each cluster: zones, ranges, routes and tags.
import { assert, describe } from '../../test/spec.ts'
import { named, ofType } from '../graph/graph.ts'
import { clusterNames, clusterOf, graphOf } from './graphs.ts'

for (const name of clusterNames) {
  describe(`network of ${name}`, (test) => {
    test('has one subnet of each kind per zone', async () => {
      const graph = await graphOf(name)
      assert.is(ofType(graph, 'aws:ec2/subnet:Subnet').length, 4 * clusterOf(name).network.zoneIds.length)
      assert.ok(named(graph, `${name}-network-vpc`).protect)
    })
  })
}
