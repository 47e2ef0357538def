// Steps 6 and 7: from the ALB to a gateway pod, and from there to a pod of the model, through Services and NetworkPolicies.
import { gatewayComponent, labels, modelAnnotations, modelComponent } from '../../generators/schema/contract.ts'
import { issuerPort } from '../../generators/schema/private-issuer.ts'
import { ofType } from '../graph/graph.ts'
import { type Declared, type KubernetesObject, nameOf, ofKind, theOnly } from './declared.ts'
import { balancerGroup, balancerType } from './into-vpc.ts'
import { type Addressed, healthCheckOf, targetOf } from './load-balancer.ts'
import { firstFree, isOpen, type Peer, type Pod, selects } from './network-policy.ts'
import { BrokenPath, type Passage, type WalkRequest } from './request.ts'
import { letsIn, letsOut } from './security-groups.ts'

interface ServiceSpec {
  selector: Record<string, string>
  ports: { name: string; port: number; targetPort: number }[]
}

interface Container {
  env?: { name: string; value?: string }[]
  volumeMounts?: { name: string; mountPath: string }[]
  ports: { containerPort: number; name: string }[]
  readinessProbe?: { httpGet: { path: string; port: string } }
}

interface Volume {
  name: string
  configMap?: { name: string }
  secret?: { secretName: string }
}

interface PodTemplate {
  metadata: { labels: Record<string, string> }
  spec: { containers: Container[]; volumes?: Volume[] }
}

export interface Workload {
  deployment: KubernetesObject
  pod: Pod
  container: Container
  volumes: readonly Volume[]
  /** Where the pod takes what the Service gets. */
  port: number
}

/** The pods behind a Service’s port. */
function behind(declared: Declared, service: KubernetesObject, wanted: string | number): Workload {
  const { selector, ports } = service.spec as unknown as ServiceSpec
  const entry = ports.find(({ name, port }) => name === wanted || port === wanted)
  if (entry === undefined) throw new BrokenPath(`${nameOf(service)} has no port ${wanted}`)
  const namespace = service.metadata.namespace ?? ''
  const template = ({ spec }: KubernetesObject) => spec.template as PodTemplate
  const deployment = ofKind(declared, 'Deployment').find(
    (one) => one.metadata.namespace === namespace && selects({ matchLabels: selector }, template(one).metadata.labels),
  )
  if (deployment === undefined) throw new BrokenPath(`${nameOf(service)} selects no Deployment`)
  const { metadata, spec } = template(deployment)
  const container = spec.containers.find(({ ports: own }) =>
    own.some(({ containerPort }) => containerPort === entry.targetPort),
  )
  if (container === undefined)
    throw new BrokenPath(`no container of ${nameOf(deployment)} listens on ${entry.targetPort}`)
  return {
    deployment,
    pod: { namespace, labels: metadata.labels },
    container,
    volumes: spec.volumes ?? [],
    port: entry.targetPort,
  }
}

/** An address in each subnet of the ALB: pods see these as senders. */
function balancerAddresses(declared: Declared): string[] {
  const ids = theOnly(declared, balancerType).inputs.subnets as string[]
  const made = ofType(declared.graph, 'aws:ec2/subnet:Subnet').map(({ id, inputs }) => ({ id, inputs }))
  const found = declared.graph.lookups
    .filter(({ token }) => token === 'aws:ec2/getSubnet:getSubnet')
    .map(({ inputs }) => ({ id: String(inputs.id), inputs }))
  return [...made, ...found]
    .filter(({ id }) => ids.includes(id))
    .map(({ inputs }) => firstFree(String(inputs.cidrBlock)))
}

function mustBeOpen(declared: Declared, from: Peer, to: Peer, port: number, hop: string): void {
  if (!isOpen(ofKind(declared, 'NetworkPolicy'), from, to, port))
    throw new BrokenPath(`network policies close ${hop} on port ${port}`)
}

export const gatewayWorkload = (declared: Declared, request: Addressed): Workload => {
  const { service, port } = targetOf(declared, request)
  return behind(declared, service, port)
}

/** An issuer in the private network: the gateway may ask it, and trusts who signed its certificate. @throws BrokenPath */
function checkIssuerReach(declared: Declared, { pod, container, volumes }: Workload): void {
  const { private: inside, jwksUri } = declared.cluster.oidc
  if (inside === undefined) return
  for (const cidr of inside.cidrs)
    mustBeOpen(declared, pod, { address: String(cidr.split('/')[0]) }, issuerPort(jwksUri), `the gateway to ${jwksUri}`)
  if (inside.certificateAuthority === undefined) return
  const path = container.env?.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value ?? ''
  const mount = container.volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`))
  const map = volumes.find(({ name }) => name === mount?.name)?.configMap?.name
  const found = ofKind(declared, 'ConfigMap').find(
    ({ metadata }) => metadata.name === map && metadata.namespace === pod.namespace,
  )
  const { data = {} } = (found ?? {}) as { data?: Record<string, string> }
  if (data[path.split('/').at(-1) ?? ''] === undefined)
    throw new BrokenPath(`the gateway has no certificate of the authority that ${jwksUri} has one of`)
}

/** Security group of nodes and pods: of the cluster that is made, or that was looked up. */
function podGroup(declared: Declared): string {
  const found =
    declared.cluster.kubernetes.existing === undefined
      ? theOnly(declared, 'aws:eks/cluster:Cluster').outputs
      : declared.graph.lookups.find(({ token }) => token === 'aws:eks/getCluster:getCluster')?.answer
  const { vpcConfig } = (found ?? {}) as { vpcConfig?: { clusterSecurityGroupId: string } }
  if (vpcConfig === undefined) throw new BrokenPath('no EKS cluster is looked up')
  return vpcConfig.clusterSecurityGroupId
}

export function passToGateway(declared: Declared, request: WalkRequest): Passage {
  const { service, ingress } = targetOf(declared, request)
  const gateway = gatewayWorkload(declared, request)
  const health = healthCheckOf(ingress)
  const probe = gateway.container.readinessProbe?.httpGet
  if (probe?.path !== health.path) throw new BrokenPath(`the ALB asks ${health.path}, the kubelet ${probe?.path}`)
  const from = balancerGroup(declared)
  const to = { group: podGroup(declared) }
  const addresses = balancerAddresses(declared)
  if (addresses.length === 0) throw new BrokenPath('the ALB is in no subnet')
  for (const port of [gateway.port, health.port]) {
    letsOut(declared.graph, from, to, port)
    letsIn(declared.graph, from, to, port)
    for (const address of addresses)
      mustBeOpen(declared, { address }, gateway.pod, port, `the ALB at ${address} to the gateway`)
  }
  checkIssuerReach(declared, gateway)
  return {
    step: {
      number: 6,
      part: 'gateway pod',
      resource: nameOf(service),
      says: `port ${gateway.port}, health ${health.port}${health.path}, from ${addresses.length} subnets`,
      changes: [],
      timeoutSeconds: undefined,
    },
    request,
  }
}

const isModel = ({ metadata: { annotations = {}, labels: own = {} } }: KubernetesObject, wanted: string): boolean =>
  own[labels.component] === modelComponent &&
  [
    annotations[modelAnnotations.model],
    annotations[modelAnnotations.modelId],
    ...(JSON.parse(annotations[modelAnnotations.aliases] ?? '[]') as string[]),
  ].includes(wanted)

/** The Service of the model that a body names. @throws BrokenPath */
export function serviceOfModel(declared: Declared, wanted: string): KubernetesObject {
  const found = ofKind(declared, 'Service').find((service) => isModel(service, wanted))
  if (found === undefined)
    throw new BrokenPath(`no Service of clusters/${declared.cluster.name} is the model ${wanted}`)
  return found
}

export const modelNamed = ({ body, method }: WalkRequest): string | undefined =>
  method === 'POST' && body !== undefined ? (JSON.parse(body) as { model?: string }).model : undefined

export function passToModel(declared: Declared, request: WalkRequest): Passage {
  const name = modelNamed(request)
  const step = { number: 7, part: 'model pod', changes: [], timeoutSeconds: undefined }
  if (name === undefined) return { step: { ...step, resource: '–', says: 'the gateway answers by itself' }, request }
  const service = serviceOfModel(declared, name)
  const [{ port } = { port: 0 }] = (service.spec as unknown as ServiceSpec).ports
  const model = behind(declared, service, port)
  const gateway = gatewayWorkload(declared, request)
  if (gateway.pod.labels[labels.component] !== gatewayComponent)
    throw new BrokenPath('the ALB does not lead to the gateway')
  mustBeOpen(declared, gateway.pod, model.pod, model.port, `the gateway to ${name}`)
  return {
    step: { ...step, resource: nameOf(service), says: `port ${model.port}; its network policy lets the gateway in` },
    request,
  }
}
