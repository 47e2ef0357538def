// The cycle of a platform that uses everything a cluster file can say.
import { fullCluster } from '../graphs.ts'
import { describeCycle } from './cycle.ts'

const cluster = fullCluster()
// A zone is kept for the change that adds one.
cluster.network.zoneIds.pop()

await describeCycle('full', cluster)
