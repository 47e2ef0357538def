// The cycle of the platform in three zones.
import { clusterOf } from '../graphs.ts'
import { describeCycle } from './cycle.ts'

await describeCycle('prod', clusterOf('prod'))
