// Every alert that Prometheus evaluates: one entry, and beside it the page docs/alerts/ID.md that says what to do. Data only.
export interface Alert {
  /** page: somebody must look now. ticket: on the next working day. Objectives have both. */
  severity: 'page' | 'ticket' | 'page or ticket'
  sentence: string
  /** From the fault to the alert; of a model's own thresholds the plan says it. */
  promisedMinutes: number | 'planned'
}

export const alerts = {
  ModelAvailability: {
    severity: 'page or ticket',
    sentence: 'A model spends its error budget too fast: requests end with an error of ours.',
    promisedMinutes: 10,
  },
  ModelFirstToken: {
    severity: 'page or ticket',
    sentence: 'First tokens of a model come later than its objective says.',
    promisedMinutes: 60,
  },
  ModelInterToken: {
    severity: 'page or ticket',
    sentence: 'Tokens of a model come more slowly than its objective says.',
    promisedMinutes: 60,
  },
  TenantAvailability: {
    severity: 'ticket',
    sentence: 'Requests of one tenant to a model end with an error of ours, more than its objective allows.',
    promisedMinutes: 20,
  },
  ModelDown: {
    severity: 'page',
    sentence: 'A model that should have a pod has none that takes requests.',
    promisedMinutes: 'planned',
  },
  ModelWaking: {
    severity: 'page',
    sentence: 'A model that was woken, or rolled, has had no pod ready for longer than its cold start.',
    promisedMinutes: 'planned',
  },
  PodCrashLoop: {
    severity: 'page',
    sentence: 'A container ends again and again.',
    promisedMinutes: 15,
  },
  GpuPending: {
    severity: 'page',
    sentence: 'A pod waits for a GPU, and no node comes.',
    promisedMinutes: 20,
  },
  GpuFault: {
    severity: 'ticket',
    sentence: 'The driver reports an error of a GPU (XID).',
    promisedMinutes: 5,
  },
  EndpointsEjected: {
    severity: 'ticket',
    sentence: 'The gateway takes endpoints of a model out again and again.',
    promisedMinutes: 20,
  },
  GatewayDown: {
    severity: 'page',
    sentence: 'Prometheus reaches no pod of the gateway.',
    promisedMinutes: 5,
  },
  DiscoveryStale: {
    severity: 'page',
    sentence: 'A gateway pod has not heard of models, pods and tenants for minutes.',
    promisedMinutes: 10,
  },
  IssuerKeysStale: {
    severity: 'ticket',
    sentence: 'The keys of a token issuer could not be fetched for an hour.',
    promisedMinutes: 75,
  },
  TenantRefused: {
    severity: 'ticket',
    sentence: 'A tenant is refused much more often than it usually is.',
    promisedMinutes: 20,
  },
  ApplicationOutOfSync: {
    severity: 'ticket',
    sentence: 'What runs has not been what Git says, for longer than a sync or a sync window takes.',
    promisedMinutes: 'planned',
  },
  ApplicationSyncFailed: {
    severity: 'ticket',
    sentence: 'Argo CD gave a sync up.',
    promisedMinutes: 10,
  },
  ApplicationDegraded: {
    severity: 'page',
    sentence: 'An Application is Degraded: pods do not start, or a model does not answer its smoke test.',
    promisedMinutes: 15,
  },
  SecretNotSynced: {
    severity: 'ticket',
    sentence: 'External Secrets cannot copy a secret.',
    promisedMinutes: 20,
  },
  CertificateNotReady: {
    severity: 'ticket',
    sentence: 'A certificate inside the cluster is not valid, or ends within a week.',
    promisedMinutes: 20,
  },
  MetricsMissing: {
    severity: 'ticket',
    sentence: 'Metrics that other alerts read are not there, so these alerts are blind.',
    promisedMinutes: 20,
  },
} as const satisfies Record<string, Alert>

export type AlertName = keyof typeof alerts

/** Name of the page: ModelDown -> model-down. */
export const alertId = (name: AlertName): string => name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
