// Rules about pods: what they may do to their node, when they count as healthy, and how many go at once.
import { type ObjectChange, textAt, treeAt } from '../object-changes.ts'
import type { Tree } from '../parse-rendered.ts'
import { differs, isRemoved, label, type ObjectRule } from './object-rule.ts'

/** Settings by which a pod gets out of its container, as they are anywhere in a pod; Pod Security Standards, restricted. */
const freedoms: readonly [key: string, value: RegExp][] = [
  ['privileged', /^true$/],
  ['allowPrivilegeEscalation', /^true$/],
  ['runAsNonRoot', /^false$/],
  ['runAsUser', /^0$/],
  ['readOnlyRootFilesystem', /^false$/],
  ['hostNetwork', /^true$/],
  ['hostPID', /^true$/],
  ['hostIPC', /^true$/],
  ['hostPath', /./],
  ['hostPort', /./],
  ['automountServiceAccountToken', /^true$/],
]

/** Settings that hold a pod in its container while they are there. */
const fences = ['runAsNonRoot', 'readOnlyRootFilesystem', 'drop', 'seccompProfile', 'securityContext']

function countKeys(tree: Tree | undefined, counts = new Map<string, number>()): Map<string, number> {
  if (typeof tree !== 'object') return counts
  for (const [key, value] of Object.entries(tree)) {
    const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
    if (fences.includes(key)) count(`no ${key}`)
    if (freedoms.some(([name, wanted]) => name === key && wanted.test(textOf(value)))) count(key)
    // Capabilities are a list; each that is added is a freedom of its own.
    if (key === 'add' && Array.isArray(value)) for (const capability of value) count(`capability ${textOf(capability)}`)
    countKeys(value, counts)
  }
  return counts
}

const textOf = (value: Tree): string => (typeof value === 'string' ? value : JSON.stringify(value))

const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']

function freedomsGained({ before, after }: ObjectChange): string[] {
  const [old, fresh] = [countKeys(before), countKeys(after)]
  const gained = [...fresh].filter(([key, count]) => !key.startsWith('no ') && count > (old.get(key) ?? 0))
  const lost = [...old].filter(([key, count]) => key.startsWith('no ') && count > (fresh.get(key) ?? 0))
  return [...gained, ...(before === undefined ? [] : lost)].map(([key]) => key)
}

const probes = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const

const probesOf = (tree: Tree | undefined): string[] =>
  probes.filter((name) => (JSON.stringify(tree) ?? '').includes(`"${name}"`))

const allowed = (tree: Tree | undefined): string => JSON.stringify(treeAt(tree, ['spec'])) ?? ''

export const podRules: readonly ObjectRule[] = [
  (change) => {
    if (!workloads.includes(change.kind) || change.verb === 'removed') return undefined
    const gained = freedomsGained(change)
    const text = `${label(change)} is held less tightly in its container: ${gained.slice(0, 4).join(', ')}.`
    return gained.length === 0 ? undefined : ['caution', 'pod-freedom', text]
  },
  (change) => {
    if (change.kind !== 'Deployment' || change.verb !== 'changed') return undefined
    const gone = probesOf(change.before).filter((name) => !probesOf(change.after).includes(name))
    const text = `${label(change)} has no ${gone.join(', ')} any more: requests reach pods that cannot answer.`
    return gone.length === 0 ? undefined : ['warning', 'probe-removed', text]
  },
  (change) =>
    change.kind === 'PodDisruptionBudget' && change.verb === 'changed' && differs(change, ['spec'])
      ? [
          'warning',
          'disruption-budget',
          `${label(change)} lets other numbers of pods go at once: ${allowed(change.after)}.`,
        ]
      : undefined,
  (change, stays) =>
    isRemoved(change, 'HorizontalPodAutoscaler') && stays
      ? ['note', 'autoscaler-removed', `${label(change)} goes: the number of pods is fixed.`]
      : undefined,
  (change) =>
    change.kind === 'ServiceAccount' && change.verb === 'changed' && differs(change, ['metadata', 'annotations'])
      ? ['warning', 'service-account', `${label(change)} acts with other rights, at AWS or in the cluster.`]
      : undefined,
  (change) => {
    const [old, fresh] = [change.before, change.after].map((tree) => textAt(tree, ['spec', 'type']) ?? 'ClusterIP')
    return change.kind === 'Service' &&
      change.verb !== 'removed' &&
      fresh !== 'ClusterIP' &&
      (fresh !== old || change.verb === 'added')
      ? [
          'caution',
          'service-exposed',
          `${label(change)} is of type ${fresh}: it is reached past the edge and its firewall.`,
        ]
      : undefined
  },
]
