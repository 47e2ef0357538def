// Refuses what would set the replicas of an autoscaled Deployment in any other way than by its scale. A Deployment that becomes
// autoscaled loses `replicas` in Git, and Kubernetes would make that one pod; its Application is told to leave the number alone, but by
// another commit of Argo CD than the Deployment. Whichever comes first, no pod goes: the sync is refused and tried again.
import type { IValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'
import type { IValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding'
import { labels, namespaces, partOf, replicasAnnotation } from '../../schema/contract.ts'

const metadata = { name: 'autoscaled-replicas', labels: { [labels.partOf]: partOf } }

const annotation = `'${replicasAnnotation.name}'`
const annotations = 'object.metadata.annotations'

export const replicaGuard: IValidatingAdmissionPolicy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata,
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      // Not `deployments/scale`, which autoscalers and `kubectl scale` write.
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] }],
    },
    matchConditions: [
      {
        name: 'autoscaled',
        expression: `has(${annotations}) && ${annotation} in ${annotations} && ${annotations}[${annotation}] == '${replicasAnnotation.autoscaled}'`,
      },
    ],
    validations: [
      {
        expression: 'object.spec.replicas == oldObject.spec.replicas',
        message:
          'the replicas of an autoscaled Deployment belong to its autoscaler: change its bounds in Git, or its scale',
        reason: 'Forbidden',
      },
    ],
  },
}

export const replicaGuardBinding: IValidatingAdmissionPolicyBinding = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata,
  spec: {
    policyName: metadata.name,
    validationActions: ['Deny'],
    matchResources: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaces.models } },
    },
  },
}
