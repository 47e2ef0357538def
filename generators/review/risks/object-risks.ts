// Risks of the rendered objects themselves.
import { type ObjectChange, textAt } from '../object-changes.ts'
import { deliveryRules } from './delivery-rules.ts'
import { widenedBy } from './network-reach.ts'
import { differs, isRemoved, label, type ObjectFinding, type ObjectRule } from './object-rule.ts'
import { podRules } from './pod-rules.ts'
import type { Risk } from './risk.ts'

export function objectRisks(changes: readonly ObjectChange[], apps: ReadonlySet<string>): Risk[] {
  return changes.flatMap((change) =>
    rules.flatMap((rule) => {
      const found = rule(change, apps.has(`${change.cluster}/${change.app}`))
      if (found === undefined) return []
      const [level, name, text] = found
      return [{ level, rule: name, where: `${change.cluster}/${placeOf(change)}`, text }]
    }),
  )
}

/** The same about many Applications is said once, of all of them. */
const placeOf = ({ kind, name, app }: ObjectChange): string =>
  (kind === 'Application' ? name : app).replace(/^model-/, '')

const rules: readonly ObjectRule[] = [
  (change) =>
    change.kind === 'Deployment' && differs(change, ['spec', 'selector'])
      ? [
          'caution',
          'selector',
          `${label(change)} gets another selector, which Kubernetes never accepts: the sync fails until the Deployment is deleted, and its pods with it.`,
        ]
      : undefined,
  (change) =>
    change.kind === 'Service' && differs(change, ['spec', 'selector'])
      ? ['caution', 'selector', `${label(change)} selects other pods.`]
      : undefined,
  (change, stays) =>
    isRemoved(change, 'PodDisruptionBudget') && stays
      ? ['warning', 'no-disruption-budget', `${label(change)} goes: a node that is drained may take every pod at once.`]
      : undefined,
  (change, stays) =>
    isRemoved(change, 'NetworkPolicy') && stays
      ? ['caution', 'network-policy-removed', `${label(change)} goes: only the namespace's default policy is left.`]
      : undefined,
  (change) => {
    if (change.kind !== 'NetworkPolicy' || change.verb !== 'changed') return undefined
    const wider = widenedBy(change.before, change.after)
    return wider.length === 0
      ? undefined
      : ['caution', 'network-policy-widened', `${label(change)} lets more through: ${wider.slice(0, 3).join('; ')}.`]
  },
  (change) =>
    change.kind === 'Namespace' &&
    (change.verb === 'removed' || podSecurity(change.before) !== podSecurity(change.after))
      ? [
          'caution',
          'namespace',
          `${label(change)} ${change.verb === 'removed' ? 'is removed with everything in it' : `enforces Pod Security ${podSecurity(change.after) ?? 'nothing'} (${change.before === undefined ? 'new' : `before: ${podSecurity(change.before) ?? 'nothing'}`})`}.`,
        ]
      : undefined,
  (change) =>
    ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].includes(change.kind) && change.verb !== 'removed'
      ? ['warning', 'access-rights', `${label(change)} changes who may do what in the cluster.`]
      : undefined,
  (change) =>
    change.kind === 'AppProject'
      ? ['warning', 'project', `${label(change)} changes what Argo CD may apply, and where.`]
      : undefined,
  (change) =>
    change.kind === 'Ingress' && change.verb === 'removed'
      ? [
          'caution',
          'ingress',
          `${label(change)} goes: requests get 404 from the load balancer. Without the last Ingress of its group the load balancer goes too.`,
        ]
      : undefined,
  chartVersion,
  ...podRules,
  ...deliveryRules,
]

const podSecurity = (tree: ObjectChange['before']): string | undefined =>
  textAt(tree, ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'])

function chartVersion(change: ObjectChange): ObjectFinding | undefined {
  if (change.kind !== 'Application' || !differs(change, ['spec', 'source', 'targetRevision'])) return undefined
  const version = (tree: ObjectChange['before']) => textAt(tree, ['spec', 'source', 'targetRevision'])
  if (textAt(change.after, ['spec', 'source', 'chart']) === undefined) return undefined
  return [
    'warning',
    'chart-version',
    `add-on ${change.name}: chart ${version(change.before)} → ${version(change.after)}. What the chart renders is not in this diff.`,
  ]
}
