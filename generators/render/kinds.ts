// The only module that knows cdk8s-plus: the kinds it does well. Its name changes with each Kubernetes version, so a successor
// takes over here alone. Selectors are always given: its default one is a hash of the construct's path.
import { ApiObject, type Chart, JsonPatch } from 'cdk8s'
import * as kplus from 'cdk8s-plus-34'

interface Named {
  name: string
  namespace: string
  labels: Record<string, string>
}

export interface ServiceInput extends Named {
  annotations?: Record<string, string>
  selector: Record<string, string>
  /** Service port and container port are the same number: network policies on EKS need them equal. */
  ports: readonly { name: string; number: number }[]
}

/** cdk8s-plus writes defaults that say nothing; they would be in every diff. */
const drop = (resource: kplus.Resource, ...paths: string[]): void =>
  ApiObject.of(resource).addJsonPatch(...paths.map((path) => JsonPatch.remove(path)))

export function service(chart: Chart, input: ServiceInput): void {
  const { name, namespace, labels, annotations, selector, ports } = input
  const made = new kplus.Service(chart, `Service-${namespace}-${name}`, {
    metadata: { name, namespace, labels, annotations },
    ports: ports.map((port) => ({ name: port.name, port: port.number, targetPort: port.number })),
  })
  for (const [key, value] of Object.entries(selector)) made.selectLabel(key, value)
  drop(made, '/spec/externalIPs')
}

export function serviceAccount(
  chart: Chart,
  { name, namespace, labels }: Named,
  options: { automountToken: boolean; pullSecret?: string | undefined },
): void {
  const made = new kplus.ServiceAccount(chart, `ServiceAccount-${namespace}-${name}`, {
    metadata: { name, namespace, labels },
    automountToken: options.automountToken,
  })
  if (options.pullSecret !== undefined)
    ApiObject.of(made).addJsonPatch(JsonPatch.add('/imagePullSecrets', [{ name: options.pullSecret }]))
}

export function configMap(chart: Chart, { name, namespace, labels }: Named, data: Record<string, string>): void {
  const made = new kplus.ConfigMap(chart, `ConfigMap-${namespace}-${name}`, {
    metadata: { name, namespace, labels },
    data,
  })
  drop(made, '/immutable')
}

export function namespace(
  chart: Chart,
  name: string,
  labels: Record<string, string>,
  annotations: Record<string, string>,
): void {
  new kplus.Namespace(chart, `Namespace--${name}`, { metadata: { name, labels, annotations } })
}

export interface RoleInput extends Named {
  rules: readonly { group: string; resources: readonly string[]; verbs: readonly string[] }[]
  /** Service account that gets the role; may live in another namespace. */
  subject: { namespace: string; name: string }
}

/** A Role and the RoleBinding of the same name. */
export function role(chart: Chart, { name, namespace, labels, rules, subject }: RoleInput): void {
  const metadata = { name, namespace, labels }
  const made = new kplus.Role(chart, `Role-${namespace}-${name}`, { metadata })
  for (const { group, resources, verbs } of rules) {
    made.allow(
      [...verbs],
      ...resources.map((resourceType) => kplus.ApiResource.custom({ apiGroup: group, resourceType })),
    )
  }
  const account = kplus.ServiceAccount.fromServiceAccountName(chart, `subject-${namespace}-${name}`, subject.name, {
    namespaceName: subject.namespace,
  })
  const binding = new kplus.RoleBinding(chart, `RoleBinding-${namespace}-${name}`, { metadata, role: made })
  binding.addSubjects(account)
}
