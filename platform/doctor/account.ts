// The account and the region: whose credentials they are, and whether the zones are there.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { bad, type Check, good } from './check.ts'

export const accountCheck = ({ name, account, region }: Cluster): Check => ({
  name: 'account',
  asks: `whether the credentials are of ${account}`,
  aws: ['sts', 'get-caller-identity', '--region', region],
  judge(answer) {
    const { Account, Arn } = answer as { Account: string; Arn: string }
    return Account === account
      ? good(`${account}, as ${Arn}`)
      : bad(
          `the credentials are of ${Account} (${Arn}), and clusters/${name}/cluster.yaml names ${account}`,
          'choose the right profile (AWS_PROFILE), or correct `account`',
        )
  },
})

export const zonesCheck = ({ name, region, network: { zoneIds } }: Cluster): Check => ({
  name: 'zones',
  asks: `whether ${region} is open and has ${zoneIds.join(', ')}`,
  aws: ['ec2', 'describe-availability-zones', '--region', region],
  judge(answer) {
    const { AvailabilityZones: all } = answer as { AvailabilityZones: { ZoneId: string; State: string }[] }
    const open = all.filter(({ State }) => State === 'available').map(({ ZoneId }) => ZoneId)
    const missing = zoneIds.filter((zone) => !open.includes(zone))
    return missing.length === 0
      ? good(`${region} with ${zoneIds.join(', ')}`)
      : bad(
          `${region} has no ${missing.join(', ')} for this account; it has ${open.join(', ')}`,
          `name others in network.zoneIds of clusters/${name}/cluster.yaml`,
        )
  },
  refusals: [
    {
      error: /AuthFailure|OptInRequired|UnrecognizedClient|InvalidClientTokenId/,
      verdict: bad(
        `${region} is not open to this account`,
        `aws account enable-region --region-name ${region}, then wait some minutes`,
      ),
    },
  ],
})
