// The few fields of Kubernetes objects that the gateway reads.

export interface Metadata {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  creationTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

export interface KubeObject {
  metadata: Metadata
}

export interface Service extends KubeObject {}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

/** discovery.k8s.io/v1 */
export interface EndpointSlice extends KubeObject {
  addressType: 'IPv4' | 'IPv6' | 'FQDN'
  endpoints?: {
    addresses: string[]
    /** nil counts as true. */
    conditions?: { ready?: boolean | null; serving?: boolean | null; terminating?: boolean | null }
  }[]
  ports?: { name?: string; port?: number | null }[]
}
