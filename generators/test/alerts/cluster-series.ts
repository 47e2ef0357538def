// Series of Kubernetes, Argo CD and other controllers, as their documents name them.
import type { Day } from './fault.ts'
import { counter, type Labels, type TimedSeries } from './series.ts'

export function clusterSeries({ model, fault, at }: Day): TimedSeries[] {
  const when = (is: unknown, then: number, otherwise: number) => (minute: number) =>
    is && minute >= at ? then : otherwise
  const deployment = { namespace: 'models', deployment: model, job: 'kube-state-metrics' }
  const pod = { namespace: 'models', pod: `${model}-6d5f7-abcde`, uid: '1', job: 'kube-state-metrics' }
  const app = (name: string, project: string, sync: string, health: string) => ({
    name,
    project,
    sync_status: sync,
    health_status: health,
    job: 'monitoring/argocd-application-controller',
  })
  const certificate = { name: 'webhook', namespace: 'monitoring', issuer_name: 'self', job: 'monitoring/cert-manager' }
  const series = (name: string, labels: Labels, course: TimedSeries['course']) => ({ name, labels, course })
  const apps = [`model-${model}`, 'gateway'].flatMap((name) => {
    const project = name === 'gateway' ? 'platform' : 'models'
    const states: [string, string][] = [
      ['Synced', 'Healthy'],
      ['OutOfSync', 'Healthy'],
      ['Synced', 'Degraded'],
    ]
    const stateAt = (minute: number): number => {
      if (fault.outOfSync === name && minute >= at) return 1
      if (fault.degraded === name && minute >= at) return 2
      if (fault.syncFailed === name && minute >= at) return 1
      // A commit now and then, synced within minutes.
      return minute % 240 < 3 ? 1 : 0
    }
    return states.map(([sync, health], index) =>
      series('argocd_app_info', app(name, project, sync, health), (minute) =>
        stateAt(minute) === index ? 1 : undefined,
      ),
    )
  })
  return [
    series('kube_deployment_created', deployment, () => -86_400),
    series('kube_deployment_spec_replicas', deployment, () => 2),
    series('kube_deployment_status_replicas', deployment, () => 2),
    series('kube_deployment_status_replicas_available', deployment, when(fault.available === 0, 0, 2)),
    series(
      'kube_pod_container_status_waiting_reason',
      { ...pod, container: 'engine', reason: 'CrashLoopBackOff' },
      // Between two starts the container runs for a while.
      (minute) => (fault.crashes && minute >= at ? (minute % 4 === 0 ? undefined : 1) : minute === 300 ? 1 : undefined),
    ),
    series('kube_pod_status_unschedulable', pod, (minute) => {
      if (fault.unschedulable && minute >= at) return 1
      // A node takes some minutes.
      return minute % 360 < 5 ? 1 : undefined
    }),
    series(
      'kube_pod_container_resource_requests',
      { ...pod, container: 'engine', resource: 'nvidia_com_gpu', unit: 'integer' },
      () => 1,
    ),
    series('DCGM_FI_DEV_XID_ERRORS', { gpu: '0', UUID: 'GPU-1', Hostname: 'ip-10-0-1-2' }, (minute) =>
      fault.xid !== undefined && minute >= at ? fault.xid : minute > 500 ? 43 : 0,
    ),
    ...apps,
    ...['Succeeded', 'Failed'].map((phase) =>
      series(
        'argocd_app_sync_total',
        { ...app('gateway', 'platform', '', ''), phase },
        counter((minute) =>
          phase === 'Succeeded' ? (minute % 240 === 2 ? 1 : 0) : fault.syncFailed && minute === at + 1 ? 1 : 0,
        ),
      ),
    ),
    series(
      'externalsecret_status_condition',
      { name: 'hf-token', namespace: 'models', condition: 'Ready', status: 'False' },
      (minute) => (fault.secret && minute >= at ? 1 : minute === 700 ? 1 : 0),
    ),
    series(
      'certmanager_certificate_ready_status',
      { ...certificate, condition: 'False' },
      when(fault.certificate, 1, 0),
    ),
    series('certmanager_certificate_expiration_timestamp_seconds', certificate, (minute) =>
      fault.certificateEnds && minute >= at ? 86_400 : 90 * 86_400,
    ),
  ]
}
