// The right to patch an Application of Argo CD is the right to apply anything in its name: its status too, from which a running sync is
// resumed. So the API server refuses git-watch everything that it does not need: it may ask for a look at Git, and for a sync of some
// objects of a model to the commit that was synced last, with the Application's own options.
import { argo, serviceAccounts } from '../../schema/contract.ts'
import { admissionPolicy } from '../admission-policy.ts'

const { name, namespace } = serviceAccounts.gitWatch

const refresh = "'argocd.argoproj.io/refresh'"

/** A field that may be absent is as it was. */
const kept = (field: string): string =>
  `has(object.${field}) == has(oldObject.${field}) && (!has(object.${field}) || object.${field} == oldObject.${field})`

const annotations = (one: string): string => `${one}.metadata.annotations`
/** Each annotation of `one` but the request to look is in `other`, with the same value. */
const sameAnnotations = (one: string, other: string): string =>
  `(!has(${annotations(one)}) || ${annotations(one)}.all(key, key == ${refresh} || (has(${annotations(other)}) && key in ${annotations(other)} && ${annotations(other)}[key] == ${annotations(one)}[key])))`

const normalLook = `(!has(${annotations('object')}) || !(${refresh} in ${annotations('object')}) || ${annotations('object')}[${refresh}] == 'normal')`

const sync = 'object.operation.sync'
const last = 'oldObject.status.operationState.syncResult.revision'
const options = 'oldObject.spec.syncPolicy.syncOptions'

/** What a sync could bring along that is not in Git, take away, or do in another way; all other fields of its schema. */
const withoutFields = (parent: string, fields: readonly string[]): string =>
  fields.map((field) => `!has(${parent}.${field})`).join(' && ')

const repeatsLastSync = [
  `oldObject.spec.project == '${argo.projects.models}'`,
  `has(${sync}) && has(${last}) && ${sync}.revision == ${last}`,
  `has(${sync}.resources) && size(${sync}.resources) > 0`,
  `has(${sync}.syncOptions) && ${sync}.syncOptions == ${options}`,
  withoutFields(sync, ['prune', 'dryRun', 'source', 'sources', 'manifests', 'syncStrategy', 'revisions']),
  `!(has(object.operation.retry) && has(object.operation.retry.refresh) && object.operation.retry.refresh)`,
].join(' && ')

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
      expression: [kept('status'), ...['labels', 'finalizers', 'ownerReferences'].map((one) => kept(`metadata.${one}`))]
        .map((one) => `(${one})`)
        .join(' && '),
      message: 'git-watch may not change what Argo CD knows of an Application',
    },
    {
      expression: [sameAnnotations('object', 'oldObject'), sameAnnotations('oldObject', 'object'), normalLook].join(
        ' && ',
      ),
      message: 'git-watch may ask for a normal refresh, and set no other annotation',
    },
    {
      expression: `!has(object.operation) || (has(oldObject.operation) && object.operation == oldObject.operation) || (${repeatsLastSync})`,
      message: 'git-watch may only repeat the last sync of a model',
    },
  ],
})
