// The right to patch an Application of Argo CD is the right to apply anything in its name. So the API server refuses everything that
// git-watch does not need: it may ask for a look at Git, and for a sync to the commit that was synced last.
import type { IValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'
import type { IValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding'
import { labels, partOf, serviceAccounts } from '../../schema/contract.ts'

const { name: account, namespace } = serviceAccounts.gitWatch
const metadata = { name: account, labels: { [labels.partOf]: partOf } }

const sync = 'object.operation.sync'
const last = 'oldObject.status.operationState.syncResult.revision'

export const watchGuard: IValidatingAdmissionPolicy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata,
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: ['argoproj.io'],
          apiVersions: ['v1alpha1'],
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['applications'],
        },
      ],
    },
    matchConditions: [
      { name: account, expression: `request.userInfo.username == 'system:serviceaccount:${namespace}:${account}'` },
    ],
    validations: [
      {
        expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec",
        message: 'git-watch may not change what an Application is',
        reason: 'Forbidden',
      },
      {
        expression: `!has(object.operation) || (has(oldObject.operation) && object.operation == oldObject.operation) || (has(${sync}) && has(${last}) && ${sync}.revision == ${last} && !has(${sync}.source) && !has(${sync}.sources) && !has(${sync}.manifests) && !has(${sync}.prune))`,
        message: 'git-watch may only repeat the last sync',
        reason: 'Forbidden',
      },
    ],
  },
}

export const watchGuardBinding: IValidatingAdmissionPolicyBinding = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata,
  spec: {
    policyName: metadata.name,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
  },
}
