// Whether X-Ray takes the spans of a collector that sends to it: a setting of the account and region, which the platform does not make.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { xray } from '../../generators/schema/collector.ts'
import { bad, type Check, good, type Verdict } from './check.ts'

const how = 'docs/traces.md, To X-Ray: the policy first, then aws xray update-trace-segment-destination'

export const traceChecks = (cluster: Cluster): Check[] =>
  cluster.telemetry?.collector === xray ? [destinationCheck(cluster)] : []

const destinationCheck = ({ region }: Cluster): Check => ({
  name: 'Transaction Search',
  asks: `whether X-Ray in ${region} keeps spans in CloudWatch Logs, without which it refuses them`,
  aws: ['xray', 'get-trace-segment-destination', '--region', region],
  judge(answer): Verdict {
    const { Destination, Status } = answer as { Destination?: string; Status?: string }
    if (Destination !== 'CloudWatchLogs')
      return bad(`X-Ray in ${region} keeps spans in ${Destination ?? 'nothing it names'}, and refuses those sent`, how)
    return Status === 'ACTIVE'
      ? good(`on in ${region}`)
      : bad(`it is being turned on in ${region}: ${Status ?? 'no status'}`, 'ask again in some minutes')
  },
})
