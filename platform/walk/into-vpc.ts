// Step 4: into the VPC, by the VPC link of the HTTP API or by CloudFront’s VPC origin, through the security groups.
import { ofType, type Resource } from '../graph/graph.ts'
import { distributionOf } from './cloudfront.ts'
import { type Declared, theOnly } from './declared.ts'
import { integrationOf } from './http-api.ts'
import { BrokenPath, type Passage, type WalkRequest } from './request.ts'
import { type End, letsIn, letsOut } from './security-groups.ts'

export const balancerType = 'aws:lb/loadBalancer:LoadBalancer'
export const listenerPort = 80

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
  const rule = letsIn(declared.graph, { group: String(lookup.answer.id) }, balancerGroup(declared), listenerPort)
  const zones = (theOnly(declared, balancerType).inputs.subnets as string[]).length
  return { step: step('VPC origin', origin, rule, zones), request }
}

/** Both groups must agree. */
function enter(declared: Declared, from: { group: string }): Resource {
  const to = balancerGroup(declared)
  letsOut(declared.graph, from, to, listenerPort)
  return letsIn(declared.graph, from, to, listenerPort)
}

/** Whether somebody without a group of ours reaches the listener. */
export function reachesListener(declared: Declared, from: End): boolean {
  try {
    letsIn(declared.graph, from, balancerGroup(declared), listenerPort)
    return true
  } catch (error) {
    if (error instanceof BrokenPath) return false
    throw error
  }
}

const step = (part: string, { name }: Resource, rule: Resource, zones: number) => ({
  number: 4,
  part,
  resource: name,
  says: `${zones} zones; ${rule.name} lets it in on port ${listenerPort}`,
  changes: [],
  timeoutSeconds: undefined,
})
