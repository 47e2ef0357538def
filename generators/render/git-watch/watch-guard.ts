// The right to patch an Application of Argo CD is the right to apply anything in its name. So the API server refuses everything that
// git-watch does not need: it may ask for a look at Git, and for a sync to the commit that was synced last.
import { serviceAccounts } from '../../schema/contract.ts'
import { admissionPolicy } from '../admission-policy.ts'

const { name, namespace } = serviceAccounts.gitWatch

const sync = 'object.operation.sync'
const last = 'oldObject.status.operationState.syncResult.revision'
/** What a sync could bring along that is not in Git, or take away. */
const refused = ['source', 'sources', 'manifests', 'prune'].map((field) => `!has(${sync}.${field})`).join(' && ')

export const watchGuard = admissionPolicy({
  name,
  namespace,
  resource: {
    group: 'argoproj.io',
    version: 'v1alpha1',
    plural: 'applications',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
  },
  condition: `request.userInfo.username == 'system:serviceaccount:${namespace}:${name}'`,
  validations: [
    {
      expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec",
      message: 'git-watch may not change what an Application is',
    },
    {
      expression: `!has(object.operation) || (has(oldObject.operation) && object.operation == oldObject.operation) || (has(${sync}) && has(${last}) && ${sync}.revision == ${last} && ${refused})`,
      message: 'git-watch may only repeat the last sync',
    },
  ],
})
