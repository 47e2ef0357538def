// Clusters whose clients do not come through CloudFront: through the HTTP API alone, and to the load balancer itself.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { withDefaults } from '../../generators/schema/cluster-defaults.ts'
import { clusterFileOf } from './graphs.ts'

/** In a region that is not CloudFront’s, so that what is in the wrong one shows. */
const file = { ...clusterFileOf('prod'), region: 'eu-central-1' }

export const apiCluster = (): Cluster => withDefaults('outer', { ...file, edge: { kind: 'api' } })

export const insideCluster = (): Cluster =>
  withDefaults('inner', {
    ...file,
    edge: { kind: 'none', clientCidrs: ['10.100.0.0/16', '192.168.4.0/22'], privateZone: true },
  })
