// Refuses what would set the replicas of an autoscaled Deployment in any other way than by its scale. A Deployment that becomes
// autoscaled loses `replicas` in Git, and Kubernetes would make that one pod; its Application leaves the number alone, but Argo CD may sync
// it after the Deployment. Whichever comes first, no pod goes: the sync is refused and tried again.
import { namespaces, replicasAnnotation } from '../../schema/contract.ts'
import { admissionPolicy } from '../admission-policy.ts'

const annotation = `'${replicasAnnotation.name}'`
const annotations = 'object.metadata.annotations'

export const replicaGuard = admissionPolicy({
  name: 'autoscaled-replicas',
  namespace: namespaces.models,
  // Not `deployments/scale`, which autoscalers and `kubectl scale` write.
  resource: { group: 'apps', version: 'v1', plural: 'deployments', operations: ['UPDATE'] },
  condition: `has(${annotations}) && ${annotation} in ${annotations} && ${annotations}[${annotation}] == '${replicasAnnotation.autoscaled}'`,
  validations: [
    {
      expression: 'object.spec.replicas == oldObject.spec.replicas',
      message:
        'the replicas of an autoscaled Deployment belong to its autoscaler: change its bounds in Git, or its scale',
    },
  ],
})
