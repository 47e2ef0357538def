// What the program would register with Pulumi, as plain data: resources with inputs, parents, options and regions.

/** One registered resource. Inputs are what the provider would receive, outputs of other resources filled in. */
export interface Resource {
  /** Pulumi type token, for example `aws:ec2/subnet:Subnet`. */
  type: string
  name: string
  urn: string
  inputs: Record<string, unknown>
  /** What AWS would add, made up: `arn` and whatever else its type has. */
  outputs: Record<string, unknown>
  /** Made up too. */
  id: string
  /** Top-level inputs that are marked secret, so that the state holds them encrypted. */
  secrets: string[]
  /** Name of the parent component; undefined: the stack itself. */
  parent: string | undefined
  /** false for component resources. */
  custom: boolean
  /** Region in which it is made; undefined for what has none: components, providers, Kubernetes objects. */
  region: string | undefined
  protect: boolean
  ignoreChanges: string[]
  /** Names of resources that must be made before, by reference or by `dependsOn`. */
  dependencies: string[]
}

/** A question to AWS about what the program does not make. */
export interface Lookup {
  /** For example `aws:ec2/getSecurityGroup:getSecurityGroup`. */
  token: string
  inputs: Record<string, unknown>
  answer: Record<string, unknown>
}

export interface Graph {
  cluster: string
  resources: Resource[]
  lookups: Lookup[]
  /** What the program exports: the fields of infra.json. */
  outputs: Record<string, unknown>
  /** Of all threads while it was built; a busy machine does not change it much. */
  cpuMilliseconds: number
}

export const ofType = (graph: Graph, type: string): Resource[] =>
  graph.resources.filter((resource) => resource.type === type)

/** Token of a type of HTTP APIs, from its class: `Route` is aws:apigatewayv2/route:Route. */
export const apiGatewayType = (name: string): string =>
  `aws:apigatewayv2/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`

/** The only resource of that name; a mistyped name must not pass as "nothing found". */
export function named(graph: Graph, name: string): Resource {
  const found = graph.resources.filter((resource) => resource.name === name && resource.custom)
  const [first] = found
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources are called ${name}`)
  return first
}

/** `ec2` of `aws:ec2/subnet:Subnet`. */
export const serviceOf = ({ type }: Resource): string => type.split(':')[1]?.split('/')[0] ?? type

/** Resources of AWS and Kubernetes, without components and providers. */
export const isReal = ({ custom, type }: Resource): boolean => custom && !type.startsWith('pulumi:')
