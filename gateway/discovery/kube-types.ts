// The few fields of Kubernetes objects that the gateway reads.

export interface Metadata {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

export interface KubeObject {
  metadata: Metadata
}

export interface Service extends KubeObject {}

interface ContainerStatus {
  name: string
  ready?: boolean
  state?: { waiting?: { reason?: string }; running?: object; terminated?: { exitCode?: number } }
}

export interface Pod extends KubeObject {
  status?: {
    podIP?: string
    conditions?: { type: string; status: string }[]
    initContainerStatuses?: ContainerStatus[]
    containerStatuses?: ContainerStatus[]
  }
}

/** core/v1, of which `source` is the older word for `reportingComponent`. */
export interface KubeEvent extends KubeObject {
  involvedObject?: { kind?: string; name?: string }
  reason?: string
  message?: string
  reportingComponent?: string
  source?: { component?: string }
  lastTimestamp?: string | null
  eventTime?: string | null
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

export interface SliceEndpoint {
  addresses?: string[] | null
  /** nil counts as true. */
  conditions?: { ready?: boolean | null; serving?: boolean | null; terminating?: boolean | null } | null
}

/** discovery.k8s.io/v1 */
export interface EndpointSlice extends KubeObject {
  addressType: 'IPv4' | 'IPv6' | 'FQDN'
  /** The API server writes null for none: a Service without pods has such a slice. */
  endpoints?: SliceEndpoint[] | null
  ports?: { name?: string; port?: number | null }[] | null
}
