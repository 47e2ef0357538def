// The arrow between validate and plan: everything typed, defaults filled in, every cross-file rule kept.
import type { Engine, EngineVersion } from '../engines/engine.ts'
import type { LoadedModel } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import type { Addon } from '../schema/addon.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { Gateway, Images } from '../schema/gateway.ts'
import type { Infra } from '../schema/infra.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelFile, ModelSettings } from '../schema/model.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { Draft } from './model-settings.ts'

/** A model whose file and lock have the right form; rules across files follow. */
export interface CheckedModel {
  loaded: LoadedModel
  file: ModelFile
  lock: Lock
}

/** One model in one cluster. */
export interface ValidModel {
  name: string
  source: SourceFile
  lock: Lock
  /** Path of the lock file. */
  lockPath: string
  settings: ModelSettings
  engine: Engine
  version: EngineVersion
}

export interface ValidCluster {
  cluster: Cluster
  source: SourceFile
  infra: Infra
  /** Models that list this cluster, by name. */
  models: ValidModel[]
  /** Enabled add-ons with the cluster's values merged in and placeholders filled, by name. */
  addons: { addon: Addon; source: SourceFile }[]
  gateway: { settings: Gateway; source: SourceFile }
}

/** A model by its base fields, whatever cluster it runs in: what a local run starts from. */
export interface CatalogueModel {
  name: string
  lock: Lock
  settings: Draft
}

export interface ValidRepository {
  /** Every model file of the right form, by name. */
  catalogue: CatalogueModel[]
  clusters: ValidCluster[]
  tenants: { tenant: Tenant; source: SourceFile }[]
  images: { images: Images; source: SourceFile }
}
