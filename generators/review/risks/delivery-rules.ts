// Rules about what brings requests, secrets and commits into the cluster: Ingress, secrets, admission, quotas, Applications.
import { contentPrefix } from '../../schema/contract.ts'
import { type ObjectChange, textAt, treeAt } from '../object-changes.ts'
import { differs, label, type ObjectRule } from './object-rule.ts'

const admission = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']
const secrets = ['ExternalSecret', 'SecretStore', 'ClusterSecretStore']

/** An Application of a model or an app says which commit of its folder it is at; that is no change of the Application. */
const sourceOf = (tree: ObjectChange['before']): string => {
  const source = treeAt(tree, ['spec', 'source'])
  const {
    name,
    targetRevision: _,
    helm: __,
    ...rest
  } = (typeof source === 'object' ? source : {}) as Record<string, unknown>
  return JSON.stringify([typeof name === 'string' && name.startsWith(contentPrefix) ? '' : name, rest])
}

export const deliveryRules: readonly ObjectRule[] = [
  (change) => {
    if (change.kind !== 'Ingress' || change.verb === 'removed') return undefined
    const scheme = 'alb.ingress.kubernetes.io/scheme'
    if (textAt(change.after, ['metadata', 'annotations', scheme]) === 'internet-facing')
      return [
        'caution',
        'ingress-public',
        `${label(change)} is reached from the internet, past the edge and its firewall.`,
      ]
    if (change.verb === 'added') return undefined
    return differs(change, ['spec']) || differs(change, ['metadata', 'annotations'])
      ? ['warning', 'ingress-changed', `${label(change)} takes other requests, or hands them on otherwise.`]
      : undefined
  },
  (change) =>
    change.kind === 'IngressClassParams' && change.verb !== 'added'
      ? ['caution', 'ingress-class', `${label(change)} sets the load balancer of the whole cluster otherwise.`]
      : undefined,
  (change) =>
    admission.includes(change.kind) && change.verb !== 'added'
      ? [
          'caution',
          'admission',
          `${label(change)} ${change.verb === 'removed' ? 'goes' : 'changes'}: the API server refuses other objects than before.`,
        ]
      : undefined,
  (change, stays) =>
    secrets.includes(change.kind) && change.verb !== 'added' && (stays || change.verb === 'changed')
      ? [
          'warning',
          'secret-source',
          `${label(change)} ${change.verb === 'removed' ? 'goes' : 'changes'}: pods get another secret, or none.`,
        ]
      : undefined,
  (change, stays) =>
    change.kind === 'ResourceQuota' && (change.verb === 'changed' || (change.verb === 'removed' && stays))
      ? [
          'warning',
          'quota',
          `${label(change)} allows other numbers: ${JSON.stringify(treeAt(change.after, ['spec', 'hard'])) ?? 'no limit'}.`,
        ]
      : undefined,
  (change) => {
    if (change.kind !== 'Application' || change.verb !== 'changed') return undefined
    if (sourceOf(change.before) !== sourceOf(change.after))
      return ['caution', 'application-source', `its Application takes what it applies from another place.`]
    return differs(change, ['spec', 'syncPolicy']) || differs(change, ['spec', 'destination'])
      ? ['caution', 'application-policy', `its Application applies, heals or removes otherwise, or in another place.`]
      : undefined
  },
]
