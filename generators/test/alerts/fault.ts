// What goes wrong in a replayed day.

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
  noKubeState?: true
}

export interface Day {
  model: string
  fault: Fault
  at: number
}
