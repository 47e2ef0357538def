// What goes wrong in a replayed day, and a fault for each rule that alerts.
import type { AlertName } from '../../render/alerts/registry.ts'

/** What goes wrong, from minute `at` on. Each is small: a day is the same but for it. */
export interface Fault {
  errors?: number
  slowFirst?: number
  slowTokens?: number
  ofTenant?: string
  endpoints?: 0
  available?: 0
  crashes?: true
  unschedulable?: true
  xid?: number
  ejections?: true
  gatewayGone?: true
  discoveryStale?: true
  keysStale?: true
  refused?: string
  outOfSync?: string
  degraded?: string
  syncFailed?: string
  secret?: true
  certificate?: true
  certificateEnds?: true
  /** A metric of which nothing is left. */
  missing?: string
}

export interface Day {
  model: string
  fault: Fault
  at: number
}

/** What a rule is for. */
export interface Kind {
  fault: Fault
  /** Of the rule, where several have the name. */
  labels?: Readonly<Record<string, string>>
  /** From the fault to the alert, where it is not what the registry promises. */
  minutes?: number
  with?: readonly AlertName[]
}

/** Of the objectives’ budgets (0.5 % of requests, 5 % of tokens) 10 and 2 times as much: the slower windows. */
const tenfold = { errors: 0.05, slowFirst: 0.5, slowTokens: 0.5 }
const twofold = { errors: 0.012, slowFirst: 0.1, slowTokens: 0.1 }
const objectives: AlertName[] = ['ModelAvailability', 'ModelFirstToken', 'ModelInterToken', 'TenantAvailability']
const slower = (): Kind[] => [
  { fault: tenfold, labels: { window: '6h' }, minutes: 200, with: objectives },
  { fault: twofold, labels: { window: '3d' }, minutes: 200, with: objectives },
]

/** @param model its name, of which the series are */
export const faultsOf = (model: string): Record<AlertName, Kind[]> => ({
  ModelAvailability: [{ fault: { errors: 0.5 }, labels: { window: '1h' }, with: objectives }, ...slower()],
  ModelFirstToken: [{ fault: { slowFirst: 0.9 }, labels: { window: '1h' } }, ...slower()],
  ModelInterToken: [{ fault: { slowTokens: 0.9 }, labels: { window: '1h' } }, ...slower()],
  TenantAvailability: [{ fault: { errors: 0.5, ofTenant: 'support' }, with: objectives }],
  ModelDown: [{ fault: { endpoints: 0 } }],
  ModelWaking: [{ fault: { available: 0 } }],
  PodCrashLoop: [{ fault: { crashes: true } }],
  GpuPending: [{ fault: { unschedulable: true } }],
  GpuFault: [{ fault: { xid: 79 } }],
  EndpointsEjected: [{ fault: { ejections: true } }],
  GatewayDown: [{ fault: { gatewayGone: true } }],
  DiscoveryStale: [{ fault: { discoveryStale: true } }],
  IssuerKeysStale: [{ fault: { keysStale: true } }],
  TenantRefused: [{ fault: { refused: 'research' } }, { fault: { refused: 'newcomer' } }],
  ApplicationOutOfSync: [
    { fault: { outOfSync: 'gateway' }, labels: { scope: 'platform' } },
    { fault: { outOfSync: `model-${model}` }, labels: { scope: 'models' } },
  ],
  ApplicationSyncFailed: [{ fault: { syncFailed: 'gateway' } }],
  ApplicationDegraded: [{ fault: { degraded: `model-${model}` } }],
  SecretNotSynced: [{ fault: { secret: true } }],
  CertificateNotReady: [
    { fault: { certificate: true }, labels: { reason: 'not ready' } },
    { fault: { certificateEnds: true }, labels: { reason: 'ends soon' } },
  ],
  MetricsMissing: ['kube_deployment_created', 'argocd_app_info', 'certmanager_certificate_ready_status'].map(
    (missing) => ({ fault: { missing } }),
  ),
})
