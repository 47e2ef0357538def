// Names, labels and annotation keys, which the API server checks and the validators do not.
import type { KubernetesObject } from '../render/manifest.ts'

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/** Kinds whose names become DNS labels of at most 63 characters; others may be subdomains of 253. */
const labelNamed = new Set(['Service', 'Namespace'])

const validKey = (key: string): boolean => {
  const slash = key.indexOf('/')
  const name = slash < 0 ? key : key.slice(slash + 1)
  return (
    name.length <= 63 && labelName.test(name) && (slash < 0 || (slash <= 253 && dnsSubdomain.test(key.slice(0, slash))))
  )
}

/** The same few keys are on every object, so each is tested once. */
const keys = new Map<string, boolean>()

function isKey(key: string): boolean {
  let valid = keys.get(key)
  if (valid === undefined) {
    valid = validKey(key)
    if (keys.size < 10_000) keys.set(key, valid)
  }
  return valid
}

export function nameProblems({ kind, metadata }: KubernetesObject): string[] {
  const { name, namespace, labels = {}, annotations = {} } = metadata
  const problems: string[] = []
  const label = labelNamed.has(kind)
  if (!(label ? dnsLabel : dnsSubdomain).test(name) || name.length > (label ? 63 : 253))
    problems.push(`the name "${name}" is not valid`)
  if (namespace !== undefined && (!dnsLabel.test(namespace) || namespace.length > 63))
    problems.push(`the namespace "${namespace}" is not valid`)
  for (const key in labels) {
    const value = labels[key] ?? ''
    if (!isKey(key)) problems.push(`the label key "${key}" is not valid`)
    if (value !== '' && (value.length > 63 || !labelName.test(value)))
      problems.push(`the label ${key} cannot be "${value}"`)
  }
  let bytes = 0
  for (const key in annotations) {
    bytes += key.length + (annotations[key]?.length ?? 0)
    if (!isKey(key)) problems.push(`the annotation key "${key}" is not valid`)
  }
  if (bytes > 262_144) problems.push(`annotations have ${bytes} characters, the limit is 262144`)
  return problems
}
