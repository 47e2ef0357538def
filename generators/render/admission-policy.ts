// A rule of the API server over changes of one kind of objects in one namespace: a ValidatingAdmissionPolicy and its binding.
import type { IValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'
import type { IValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding'
import { labels, partOf } from '../schema/contract.ts'

export interface AdmissionRule {
  name: string
  namespace: string
  resource: { group: string; version: string; plural: string; operations: ('CREATE' | 'UPDATE' | 'DELETE')[] }
  /** CEL: which requests it is about. */
  condition: string
  /** CEL that must hold, and what the API server says when it does not. */
  validations: readonly { expression: string; message: string }[]
}

export function admissionPolicy({
  name,
  namespace,
  resource,
  condition,
  validations,
}: AdmissionRule): [IValidatingAdmissionPolicy, IValidatingAdmissionPolicyBinding] {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  // Before the rights that it holds back.
  const annotations = { 'argocd.argoproj.io/sync-wave': '-1' }
  const metadata = { name, labels: { [labels.partOf]: partOf }, annotations }
  const { group, version, plural, operations } = resource
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        // The expressions run in the API server itself: there is no webhook that could be away.
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: [group], apiVersions: [version], operations, resources: [plural] }],
        },
        matchConditions: [{ name, expression: condition }],
        validations: validations.map((one) => ({ ...one, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
      },
    },
  ]
}
