// What `environment` in a cluster file decides. One table, so that clusters differ by their files alone.

export interface Environment {
  /** Availability zones, unless the cluster file says otherwise. */
  zones: number
  /** A zone that fails takes its NAT gateway along; each costs some $33 a month. */
  natPerZone: boolean
  /** AWS services by private address instead of NAT; each of the dozen costs some $7 a month and zone. */
  interfaceEndpoints: boolean
  /** Of every log, unless the cluster file says otherwise. */
  logRetentionDays: number
  /** Nodes of the system group, and the most while it is replaced. */
  systemNodes: { type: string; count: number; max: number }
  /** Of Argo CD’s parts that can have several. */
  argoReplicas: number
  /** Requests through the HTTP API; far below the account’s own limit, which all its APIs share. */
  apiThrottle: { perSecond: number; burst: number }
  /** Requests with credentials of one address in a minute: less than the stage takes from all. */
  abuseLimit: number
  /** Where pods get weights from, unless the cluster file says otherwise. */
  weights: 's3' | 'hub'
  /** What a month may cost before the budget speaks up, unless the cluster file says otherwise. */
  monthlyUsd: number
}

export const environmentNames = ['dev', 'prod'] as const

export const environments: Record<(typeof environmentNames)[number], Environment> = {
  dev: {
    zones: 2,
    natPerZone: false,
    interfaceEndpoints: false,
    logRetentionDays: 14,
    systemNodes: { type: 'm7i.large', count: 2, max: 4 },
    argoReplicas: 1,
    apiThrottle: { perSecond: 50, burst: 100 },
    abuseLimit: 2000,
    weights: 'hub',
    monthlyUsd: 2000,
  },
  prod: {
    zones: 3,
    natPerZone: true,
    interfaceEndpoints: true,
    logRetentionDays: 90,
    systemNodes: { type: 'm7i.xlarge', count: 3, max: 6 },
    argoReplicas: 2,
    apiThrottle: { perSecond: 500, burst: 1000 },
    abuseLimit: 5000,
    weights: 's3',
    monthlyUsd: 20_000,
  },
}

/** For the descriptions of fields: `2,000 in dev, 5,000 in prod`. */
export const byEnvironment = (number: 'abuseLimit' | 'monthlyUsd' | 'logRetentionDays'): string =>
  environmentNames.map((name) => `${environments[name][number].toLocaleString('en-US')} in ${name}`).join(', ')
