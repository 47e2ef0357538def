// The arrow between render and write: one Kubernetes object and the file it becomes.

/** A plain Kubernetes object; no undefined values, no shared references. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    [key: string]: unknown
  }
  [key: string]: unknown
}

export interface Manifest {
  cluster: string
  /** Folder under clusters/C/rendered. */
  app: string
  /** Hand-written file it comes from; is in the header. */
  source: string
  object: KubernetesObject
}
