// The form of one row of rights.
import type { EdgeKind } from '../../generators/schema/edge-kinds.ts'

export interface Right {
  /** Pulumi types without `aws:`, module and class; what the row is for. */
  types: readonly string[]
  /** Left out where the EKS cluster is there already: it is not ours to change. */
  makesCluster?: true
  /** To make, change and delete them. Reading is granted once for all, see `readActions`. */
  actions: readonly string[]
  on: readonly string[]
  /** Kinds of edges that need it; left out: all. */
  edges?: readonly EdgeKind[]
  /** Why `on` is everything. */
  because?: string
  condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}
