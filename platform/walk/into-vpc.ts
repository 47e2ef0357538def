// Step 4: into the VPC, by the VPC link of the HTTP API, by CloudFront’s VPC origin or from a network of clients, through the security
// groups.
import { ofType, type Resource } from '../graph/graph.ts'
import { distributionOf } from './cloudfront.ts'
import { type Declared, theOnly } from './declared.ts'
import { integrationOf } from './http-api.ts'
import { BrokenPath, type Passage, unreachable, type WalkRequest } from './request.ts'
import { type End, letsIn, letsOut } from './security-groups.ts'

export const balancerType = 'aws:lb/loadBalancer:LoadBalancer'

export const listenerOf = (declared: Declared): Resource => theOnly(declared, 'aws:lb/listener:Listener')

const listenerPort = (declared: Declared): number => Number(listenerOf(declared).inputs.port)

export const balancerGroup = (declared: Declared): { group: string } => {
  const [group] = theOnly(declared, balancerType).inputs.securityGroups as string[]
  if (group === undefined) throw new BrokenPath('the ALB has no security group')
  return { group }
}

export function passVpcLink(declared: Declared, request: WalkRequest): Passage {
  const link = theOnly(declared, 'aws:apigatewayv2/vpcLink:VpcLink')
  for (const route of ofType(declared.graph, 'aws:apigatewayv2/route:Route')) {
    const { inputs } = integrationOf(declared, route)
    if (inputs.connectionId !== link.id) throw new BrokenPath(`${route.name} takes another way than ${link.name}`)
    if (inputs.integrationUri !== declared.graph.outputs.listenerArn)
      throw new BrokenPath(`${route.name} misses the listener`)
  }
  const [group] = link.inputs.securityGroupIds as string[]
  if (group === undefined) throw new BrokenPath(`${link.name} has no security group`)
  const rule = enter(declared, { group })
  return { step: step('VPC link', link, rule, (link.inputs.subnetIds as string[]).length), request }
}

/** CloudFront makes this group in the VPC; what it lets out is CloudFront’s matter. */
const serviceGroup = 'CloudFront-VPCOrigins-Service-SG'

export function passVpcOrigin(declared: Declared, request: WalkRequest): Passage {
  const origin = theOnly(declared, 'aws:cloudfront/vpcOrigin:VpcOrigin')
  const used = distributionOf(declared).inputs.origins.some(
    ({ vpcOriginConfig }) => vpcOriginConfig?.vpcOriginId === origin.id,
  )
  if (!used) throw new BrokenPath(`no origin of the distribution goes through ${origin.name}`)
  const { arn } = origin.inputs.vpcOriginEndpointConfig as { arn: string }
  if (arn !== declared.graph.outputs.loadBalancerArn) throw new BrokenPath(`${origin.name} leads to ${arn}`)
  const lookup = declared.graph.lookups.find(({ inputs }) => JSON.stringify(inputs).includes(serviceGroup))
  if (lookup === undefined) throw new BrokenPath(`nothing asks for ${serviceGroup}`)
  const from = { group: String(lookup.answer.id) }
  const rule = letsIn(declared.graph, from, balancerGroup(declared), listenerPort(declared))
  return { step: step('VPC origin', origin, rule, zonesOf(declared)), request }
}

const zonesOf = (declared: Declared): number => (theOnly(declared, balancerType).inputs.subnets as string[]).length

/** A client in a network that reaches the VPC: the record leads to the load balancer, whose group says from where. */
export function passClientNetwork(declared: Declared, request: WalkRequest): Passage {
  const listener = listenerOf(declared)
  const { protocol, certificateArn } = listener.inputs
  if (protocol !== 'HTTPS' || certificateArn !== declared.graph.outputs.certificateArn)
    throw new BrokenPath(`${listener.name} speaks ${protocol}, or shows another certificate than that of the domain`)
  checkRecord(declared, request)
  const base = { number: 4, part: 'network', changes: [], timeoutSeconds: undefined }
  const refused = (says: string): Passage => ({ step: { ...base, resource: listener.name, says }, answer: unreachable })
  if (request.plainHttp) return refused(`nothing listens on port 80, only on ${listenerPort(declared)} with TLS`)
  const from = { address: request.from.address }
  if (!reachesListener(declared, from)) return refused(`no rule lets ${from.address} in: no connection`)
  const rule = letsIn(declared.graph, from, balancerGroup(declared), listenerPort(declared))
  return { step: step('network', listener, rule, zonesOf(declared)), request }
}

/** With a certificate of one’s own the record is one’s own too, but for that in a private zone. */
function checkRecord(declared: Declared, { host }: WalkRequest): void {
  const { certificates, privateZone } = declared.cluster.edge
  if (certificates !== undefined && !privateZone) return
  const { dnsName } = theOnly(declared, balancerType).outputs
  const found = ofType(declared.graph, 'aws:route53/record:Record').some(
    ({ inputs }) => inputs.name === host && (inputs.aliases as { name: string }[] | undefined)?.[0]?.name === dnsName,
  )
  if (!found) throw new BrokenPath(`no record leads from ${host} to ${dnsName}`)
}

/** Both groups must agree. */
function enter(declared: Declared, from: { group: string }): Resource {
  const to = balancerGroup(declared)
  letsOut(declared.graph, from, to, listenerPort(declared))
  return letsIn(declared.graph, from, to, listenerPort(declared))
}

/** Whether somebody without a group of ours reaches the listener. */
export function reachesListener(declared: Declared, from: End): boolean {
  try {
    letsIn(declared.graph, from, balancerGroup(declared), listenerPort(declared))
    return true
  } catch (error) {
    if (error instanceof BrokenPath) return false
    throw error
  }
}

const step = (part: string, { name }: Resource, { name: rule, inputs }: Resource, zones: number) => ({
  number: 4,
  part,
  resource: name,
  says: `${zones} zones; ${rule} lets it in on port ${inputs.fromPort}`,
  changes: [],
  timeoutSeconds: undefined,
})
