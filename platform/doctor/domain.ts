// The zone that records and certificates are written into, or the certificates that the cluster file names.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { apiDomain } from '../../generators/schema/contract.ts'
import { hasCloudFront } from '../../generators/schema/edge-kinds.ts'
import { edgeRegion } from '../providers.ts'
import { bad, type Check, good } from './check.ts'

export const domainChecks = (cluster: Cluster): Check[] => {
  const { domain, region, edge } = cluster
  const { certificates, privateZone } = edge
  const inside = privateZone ? [zoneCheck(cluster, 'private')] : []
  if (certificates === undefined) return [zoneCheck(cluster, 'public'), ...inside]
  return [
    certificateCheck('edge', certificates.edge, domain, hasCloudFront(cluster) ? edgeRegion : region),
    ...(certificates.api === undefined ? [] : [certificateCheck('api', certificates.api, apiDomain(domain), region)]),
    ...inside,
  ]
}

/** What to do when the zone is not there, and which of two is meant. */
const zones = {
  public: {
    name: 'hosted zone',
    make: 'its name servers into the zone above or at the registrar; or edge.hostedZone or edge.certificates',
    unsure: 'which one is delegated',
  },
  private: {
    name: 'private zone',
    make: 'with --vpc of a network of clients; or edge.hostedZone, or privateZone: false',
    unsure: 'which one clients ask',
  },
} as const

const zoneCheck = ({ name, domain, region, edge: { hostedZone } }: Cluster, kind: keyof typeof zones): Check => ({
  name: zones[kind].name,
  asks: `whether Route 53 has the ${kind} zone ${hostedZone}, for ${domain}`,
  aws: ['route53', 'list-hosted-zones-by-name', '--dns-name', hostedZone, '--region', region],
  judge(answer) {
    const { HostedZones: found } = answer as {
      HostedZones: { Id: string; Name: string; Config?: { PrivateZone?: boolean } }[]
    }
    const mine = found.filter(
      ({ Name, Config }) => Name === `${hostedZone}.` && (Config?.PrivateZone === true) === (kind === 'private'),
    )
    const [zone] = mine
    if (zone === undefined)
      return bad(
        `there is no ${kind} zone ${hostedZone}`,
        `aws route53 create-hosted-zone --name ${hostedZone} --caller-reference slipway, ${zones[kind].make} in clusters/${name}/cluster.yaml`,
      )
    return mine.length === 1
      ? good(`${hostedZone} (${zone.Id})`)
      : bad(
          `there are ${mine.length} ${kind} zones ${hostedZone}, and \`up\` cannot know ${zones[kind].unsure}`,
          `delete the others: ${mine.map(({ Id }) => Id).join(', ')}`,
        )
  },
})

const certificateCheck = (of: 'edge' | 'api', arn: string, domain: string, region: string): Check => ({
  name: `certificate ${of}`,
  asks: `whether ${arn} is issued for ${domain}`,
  aws: ['acm', 'describe-certificate', '--certificate-arn', arn, '--region', region],
  judge(answer) {
    const { Certificate: found } = answer as {
      Certificate: { Status: string; DomainName: string; SubjectAlternativeNames?: string[]; NotAfter?: string }
    }
    const names = [found.DomainName, ...(found.SubjectAlternativeNames ?? [])]
    if (
      !names.some(
        (one) => one === domain || (one.startsWith('*.') && domain.split('.').slice(1).join('.') === one.slice(2)),
      )
    )
      return bad(`it is for ${names.join(', ')}, not for ${domain}`, `request one: ${request(domain, region)}`)
    return found.Status === 'ISSUED'
      ? good(`issued for ${domain}`)
      : bad(`its status is ${found.Status}`, 'enter the record that ACM shows for it, and wait until it is ISSUED')
  },
  refusals: [
    {
      error: /ResourceNotFound|ValidationException/,
      verdict: bad(`there is no ${arn} in ${region}`, `request one: ${request(domain, region)}`),
    },
  ],
})

const request = (domain: string, region: string): string =>
  `aws acm request-certificate --domain-name ${domain} --validation-method DNS --region ${region}`
