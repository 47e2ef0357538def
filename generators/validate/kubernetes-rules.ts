// Rules about an EKS cluster that is there already: its VPC is too, and what belongs to its owner is not written here.
import type { Pointer, SourceFile } from '../load/source-file.ts'
import type { Cluster, ClusterFile } from '../schema/cluster.ts'
import { addressRange } from '../schema/network.ts'
import type { Findings } from './findings.ts'

const place = ['kubernetes', 'existing']

/** What the platform sets where it makes the cluster itself. */
const ofTheOwner: { pointer: Pointer; given: (file: ClusterFile) => unknown; message: string }[] = [
  {
    pointer: ['kubernetesApi', 'publicCidrs'],
    given: ({ kubernetesApi }) => kubernetesApi?.publicCidrs,
    message: 'the EKS cluster is there already, and its owner says from where its API answers',
  },
  {
    pointer: ['nodes', 'systemRelease'],
    given: ({ nodes }) => nodes?.systemRelease,
    message: 'the node group of kubernetes.existing is there already, and its owner updates it',
  },
]

export function checkKubernetes({ kubernetes, network }: Cluster, file: SourceFile, findings: Findings): void {
  const { existing } = kubernetes
  if (existing === undefined) return
  if (network.existing === undefined)
    findings.add(
      'KUBERNETES_EXISTING',
      file.position(place, 'key'),
      'an EKS cluster that is there already is in a VPC that is there, and none is named',
      'write network.existing: docs/bring-your-own.md has an example',
    )
  for (const { pointer, given, message } of ofTheOwner)
    if (given(file.value as ClusterFile) !== undefined)
      findings.add('KUBERNETES_EXISTING', file.position(pointer, 'key'), message, 'leave it out')
  const aligned = addressRange(existing.serviceCidr)?.aligned
  if (aligned === existing.serviceCidr) return
  const hint = aligned === undefined ? 'four numbers up to 255, then /0 to /32' : `did you mean ${aligned}?`
  const message = `${existing.serviceCidr} is not the beginning of a range`
  findings.add('CIDR_INVALID', file.position([...place, 'serviceCidr']), message, hint)
}
