// The cycle of the smallest platform.
import { clusterOf } from '../graphs.ts'
import { describeCycle } from './cycle.ts'

await describeCycle('dev', clusterOf('dev'))
