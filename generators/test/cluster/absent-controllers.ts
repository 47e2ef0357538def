// Controllers that are not in the cluster: the suite writes the status that each would write, and says so.
import type { ControlPlane } from './control-plane.ts'

interface Condition {
  type: string
  status: string
  reason: string
}

interface Status {
  resource: string
  controller: string
  status: object
}

const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
const ready = (type: string, reason: string): Condition & { lastTransitionTime: string; message: string } => ({
  type,
  status: 'True',
  reason,
  message: 'written by the test',
  lastTransitionTime: now,
})

export const absentControllers: readonly Status[] = [
  {
    resource: 'scaledobjects.keda.sh',
    controller: 'KEDA',
    status: { conditions: [ready('Ready', 'ScaledObjectReady'), { ...ready('Active', 'ScalerActive') }] },
  },
  {
    resource: 'externalsecrets.external-secrets.io',
    controller: 'External Secrets',
    status: { conditions: [ready('Ready', 'SecretSynced')] },
  },
  {
    resource: 'clustersecretstores.external-secrets.io',
    controller: 'External Secrets',
    status: { conditions: [ready('Ready', 'Valid')] },
  },
  {
    resource: 'nodepools.karpenter.sh',
    controller: 'Karpenter',
    status: {
      conditions: [
        ready('Ready', 'Ready'),
        ready('NodeClassReady', 'NodeClassReady'),
        ready('ValidationSucceeded', 'ValidationSucceeded'),
      ],
    },
  },
  {
    resource: 'ec2nodeclasses.karpenter.k8s.aws',
    controller: 'Karpenter',
    status: { conditions: [ready('Ready', 'Ready')] },
  },
]

interface Item {
  metadata: { name: string; namespace?: string }
  status?: { conditions?: Condition[] }
}

/** Once over all of them; the number of objects whose status was written. */
export async function standIn(controlPlane: ControlPlane): Promise<number> {
  let written = 0
  for (const { resource, status } of absentControllers) {
    const items = await controlPlane.list<Item>(resource, '--all-namespaces')
    for (const { metadata, status: has } of items) {
      if (has?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')) continue
      const place = metadata.namespace === undefined ? [] : ['--namespace', metadata.namespace]
      const patch = JSON.stringify({ status })
      const { status: code, log } = await controlPlane.kubectl(
        'patch',
        resource,
        metadata.name,
        ...place,
        '--subresource=status',
        '--type=merge',
        '--patch',
        patch,
      )
      if (code !== 0) throw new Error(`${resource} ${metadata.name}: ${log}`)
      written += 1
    }
  }
  return written
}
