// Whether a hop has a way through the security groups on both ends. They deny what no rule allows.
import { type Graph, ofType, type Resource } from '../graph/graph.ts'
import { inRange } from './network-policy.ts'
import { BrokenPath } from './request.ts'

/** One end of a hop: its group, or for what has none in this VPC an address. */
export type End = { group: string } | { address: string }

const rulesOf = (graph: Graph, direction: 'Ingress' | 'Egress', group: string): Resource[] =>
  ofType(graph, `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`).filter(
    ({ inputs }) => inputs.securityGroupId === group,
  )

const concerns = ({ inputs }: Resource, other: End, port: number): boolean =>
  Number(inputs.fromPort) <= port &&
  port <= Number(inputs.toPort) &&
  ('group' in other
    ? inputs.referencedSecurityGroupId === other.group
    : inputs.cidrIpv4 !== undefined && inRange(other.address, String(inputs.cidrIpv4)))

/** The rule that lets `from` in. @throws BrokenPath */
export function letsIn(graph: Graph, from: End, to: { group: string }, port: number): Resource {
  const found = rulesOf(graph, 'Ingress', to.group).find((rule) => concerns(rule, from, port))
  if (found === undefined)
    throw new BrokenPath(
      `no rule of ${to.group} lets ${'group' in from ? from.group : from.address} in on port ${port}`,
    )
  return found
}

/** The rule that lets a group’s members out. @throws BrokenPath */
export function letsOut(graph: Graph, from: { group: string }, to: End, port: number): Resource {
  const found = rulesOf(graph, 'Egress', from.group).find((rule) => concerns(rule, to, port))
  if (found === undefined) throw new BrokenPath(`no rule of ${from.group} lets it out to port ${port}`)
  return found
}
