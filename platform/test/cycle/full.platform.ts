// The cycle of a platform with everything that a cluster file can say.
import { fullCluster } from '../graphs.ts'
import { describeCycle } from './cycle.ts'

const cluster = fullCluster()
// One zone fewer than the region has, so that one more can be asked for.
cluster.network.zoneIds.pop()
await describeCycle('full', cluster)
