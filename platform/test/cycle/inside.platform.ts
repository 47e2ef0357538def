// The cycle of a platform whose clients reach the load balancer themselves, by a name in a private zone.
import { insideCluster } from '../other-edges.ts'
import { describeCycle } from './cycle.ts'

const cluster = insideCluster()
// Two zones, so that one more can be asked for.
cluster.network.zoneIds.pop()
await describeCycle('inside', cluster)
