// The arrow between load and validate: every hand-written file, read and parsed, nothing interpreted.
import type { SourceFile } from './source-file.ts'

export interface LoadedModel {
  /** File name without ending. */
  name: string
  file: SourceFile
  lock: SourceFile | undefined
}

export interface LoadedCluster {
  name: string
  file: SourceFile | undefined
  infra: SourceFile | undefined
  /** The platform program is in the tree, and the settings of the cluster’s stack are not. Left out where nobody asks. */
  lacksStack?: boolean
}

export interface Repository {
  root: string
  models: LoadedModel[]
  tenants: { name: string; file: SourceFile }[]
  addons: { name: string; file: SourceFile }[]
  gateway: SourceFile | undefined
  images: SourceFile | undefined
  clusters: LoadedCluster[]
  /** sha256 of each bundled model folder that a model file names (`./…`); undefined: the folder is not there. */
  bundled: ReadonlyMap<string, string | undefined>
  /** Paths of files that are there but could not be read; no message should say that they are missing. */
  broken: ReadonlySet<string>
  /** Names given with --only and --cluster; empty: everything was read. */
  only: { models: readonly string[]; clusters: readonly string[] }
}
