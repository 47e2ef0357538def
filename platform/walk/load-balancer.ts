// Step 5: the ALB. Its web ACL counts, its rules come from the Ingresses of one group, in their order.
import { loadBalancer } from '../../generators/schema/contract.ts'
import { hasCloudFront, hasHttpApi } from '../../generators/schema/edge-kinds.ts'
import { type Declared, type KubernetesObject, nameOf, object, ofKind, theOnly } from './declared.ts'
import { balancerType, listenerOf, reachesListener } from './into-vpc.ts'
import { BrokenPath, own, type Passage, unreachable, type WalkRequest } from './request.ts'
import { aclOf, evaluate } from './web-acl.ts'

const prefix = 'alb.ingress.kubernetes.io'

interface Backend {
  service: { name: string; port: { name?: string; number?: number } }
}

interface IngressSpec {
  defaultBackend?: Backend
  rules?: { host?: string; http: { paths: { path: string; pathType: string; backend: Backend }[] } }[]
}

const annotation = ({ metadata }: KubernetesObject, key: string): string =>
  metadata.annotations?.[`${prefix}/${key}`] ?? ''

export const ingressesOf = (declared: Declared): KubernetesObject[] =>
  ofKind(declared, 'Ingress')
    .filter((ingress) => annotation(ingress, 'group.name') === loadBalancer.ingressGroup)
    .toSorted((a, b) => Number(annotation(a, 'group.order')) - Number(annotation(b, 'group.order')))

/** Prefix means whole path elements (Kubernetes, Ingress path types). */
const takes = ({ path, pathType }: { path: string; pathType: string }, wanted: string): boolean =>
  pathType === 'Exact' ? wanted === path : wanted === path || wanted.startsWith(path.endsWith('/') ? path : `${path}/`)

interface ClassParameters {
  wafv2AclName?: string
  certificateArn?: string[]
}

/** Parameters of an Ingress’s class. */
function classOf(declared: Declared, ingress: KubernetesObject): ClassParameters {
  const className = (ingress.spec as { ingressClassName?: string }).ingressClassName
  const found = ofKind(declared, 'IngressClass').find(({ metadata }) => metadata.name === className)
  const reference = (found?.spec as { parameters?: { name: string } } | undefined)?.parameters?.name
  const parameters = ofKind(declared, 'IngressClassParams').find(({ metadata }) => metadata.name === reference)
  return (parameters?.spec as ClassParameters | undefined) ?? {}
}

/** The controller deletes a listener that the Ingresses do not name, and takes no TLS without a certificate. @throws BrokenPath */
function checkListener(declared: Declared): void {
  const { name, inputs } = listenerOf(declared)
  const wanted = JSON.stringify([{ [String(inputs.protocol)]: Number(inputs.port) }])
  for (const ingress of ingressesOf(declared)) {
    const named = annotation(ingress, 'listen-ports')
    if (named !== wanted) throw new BrokenPath(`${nameOf(ingress)} wants ${named}, and ${name} is ${wanted}`)
    if (inputs.protocol === 'HTTPS' && classOf(declared, ingress).certificateArn === undefined)
      throw new BrokenPath(`the class of ${nameOf(ingress)} names no certificate for ${name}`)
  }
}

/** What an Ingress looks at. */
export type Addressed = Pick<WalkRequest, 'host' | 'path'>

/** Ingress and backend for a path; a backend without rule is the group’s default. */
function choose(ingresses: readonly KubernetesObject[], request: Addressed) {
  const specs = ingresses.map((ingress) => ({ ingress, spec: ingress.spec as unknown as IngressSpec }))
  for (const { ingress, spec } of specs)
    for (const { host, http } of spec.rules ?? [])
      for (const path of http.paths)
        if ((host === undefined || host === request.host) && takes(path, request.path))
          return { ingress, backend: path.backend }
  const last = specs.find(({ spec }) => spec.defaultBackend !== undefined)
  return last && { ingress: last.ingress, backend: last.spec.defaultBackend as Backend }
}

/** What a request meets that was sent to the ALB’s own name. */
export function refusesStranger(declared: Declared, request: WalkRequest): Passage {
  const balancer = theOnly(declared, balancerType)
  const step = { number: 5, part: 'ALB', resource: balancer.name, changes: [], timeoutSeconds: undefined }
  if (balancer.inputs.internal !== true) throw new BrokenPath(`${balancer.name} has public addresses`)
  if (reachesListener(declared, { address: request.from.address }))
    throw new BrokenPath(`${balancer.name} lets in ${request.from.address}`)
  return {
    step: { ...step, says: 'private addresses only, and no rule lets the sender in: no connection' },
    answer: unreachable,
  }
}

export function passLoadBalancer(declared: Declared, request: WalkRequest): Passage {
  const balancer = theOnly(declared, balancerType)
  const listener = listenerOf(declared)
  checkListener(declared)
  const step = {
    number: 5,
    part: 'ALB',
    changes: ['+x-forwarded-for'],
    timeoutSeconds: Number(balancer.inputs.idleTimeout),
  }
  const chosen = choose(ingressesOf(declared), request)
  if (chosen === undefined) {
    const [{ fixedResponse } = { fixedResponse: {} }] = listener.inputs.defaultActions as { fixedResponse: object }[]
    const { statusCode, messageBody } = fixedResponse as { statusCode: string; messageBody: string }
    return {
      step: { ...step, resource: listener.name, says: 'no Ingress has been synced' },
      answer: own(Number(statusCode), messageBody),
    }
  }
  const { ingress, backend } = chosen
  const action = annotation(ingress, `actions.${backend.service.name}`)
  if (action !== '') {
    const { fixedResponseConfig } = JSON.parse(action) as {
      fixedResponseConfig: { statusCode: string; messageBody: string }
    }
    const { statusCode, messageBody } = fixedResponseConfig
    return {
      step: { ...step, resource: nameOf(ingress), says: 'the group’s last answer' },
      answer: own(Number(statusCode), messageBody),
    }
  }
  const acl = aclOf(declared, 'REGIONAL')
  const attached = [...new Set(ingressesOf(declared).map((one) => classOf(declared, one).wafv2AclName ?? ''))]
  if (attached.length !== 1 || attached[0] !== acl.inputs.name)
    throw new BrokenPath(`the ALB’s web ACL is ${attached.join(', ') || 'none'}`)
  const verdict = evaluate(acl, request)
  if (verdict.blocked !== undefined) {
    if (hasCloudFront(declared.cluster)) throw new BrokenPath(`${acl.name} blocks, but must only count`)
    return {
      step: { ...step, part: 'WAF', resource: acl.name, changes: [], says: `${verdict.blocked.rule} blocks` },
      answer: verdict.blocked.answer,
    }
  }
  const sender = hasHttpApi(declared.cluster) ? 'a CloudFront or API Gateway address' : request.from.address
  const forwarded = [request.headers['x-forwarded-for'], sender].filter(Boolean)
  return {
    step: {
      ...step,
      resource: nameOf(ingress),
      says: `${acl.name} ${hasCloudFront(declared.cluster) ? '' : 'blocks nothing, '}counts ${verdict.counted.length}; to ${backend.service.name}`,
    },
    request: { ...request, headers: { ...request.headers, 'x-forwarded-for': forwarded.join(', ') } },
  }
}

/** Service and port to which the ALB sends a request that no fixed answer took. */
export function targetOf(
  declared: Declared,
  request: Addressed,
): { service: KubernetesObject; port: string | number; ingress: KubernetesObject } {
  const chosen = choose(ingressesOf(declared), request)
  if (chosen === undefined) throw new BrokenPath('no Ingress leads to a Service')
  const { name, port } = chosen.backend.service
  const service = object(declared, 'Service', chosen.ingress.metadata.namespace ?? '', name)
  return { service, ingress: chosen.ingress, port: port.name ?? port.number ?? 0 }
}

export const healthCheckOf = (ingress: KubernetesObject) => ({
  path: annotation(ingress, 'healthcheck-path'),
  port: Number(annotation(ingress, 'healthcheck-port')),
})
