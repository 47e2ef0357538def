// The kinds of hand-written file, each with its schema: what the editor schemas and the field reference are made from.
import type { TSchema } from 'typebox'
import { addonFileSchema } from '../schema/addon.ts'
import { clusterFileSchema } from '../schema/cluster.ts'
import { gatewayFileSchema, imagesFileSchema } from '../schema/gateway.ts'
import { infraSchema } from '../schema/infra.ts'
import { lockSchema } from '../schema/lock.ts'
import { modelFileSchema } from '../schema/model.ts'
import { tenantFileSchema } from '../schema/tenant.ts'

export interface SourceKind {
  /** Name of the schema file: `model` for schemas/model.schema.json. */
  name: string
  /** Where such files are, as a glob. */
  files: string
  /** Module that declares the schema. */
  declared: string
  /** One sentence for the field reference. */
  about: string
  schema: TSchema
}

export const sourceKinds: readonly SourceKind[] = [
  {
    name: 'model',
    files: 'apps/models/*.yaml',
    declared: 'generators/schema/model.ts',
    about:
      'One model: what it is, how it runs, and in which clusters. The file name is its Kubernetes name and the `model` that clients send.',
    schema: modelFileSchema,
  },
  {
    name: 'lock',
    files: 'apps/models/*.lock.json',
    declared: 'generators/schema/lock.ts',
    about: 'Facts about one pinned revision, so that synth needs no network.',
    schema: lockSchema,
  },
  {
    name: 'tenant',
    files: 'apps/tenants/*.yaml',
    declared: 'generators/schema/tenant.ts',
    about: 'One tenant: how its callers are recognised and what they may use.',
    schema: tenantFileSchema,
  },
  {
    name: 'addon',
    files: 'apps/addons/*.yaml',
    declared: 'generators/schema/addon.ts',
    about: 'One pinned Helm chart that Argo CD installs in every cluster.',
    schema: addonFileSchema,
  },
  {
    name: 'gateway',
    files: 'apps/gateway.yaml',
    declared: 'generators/schema/gateway.ts',
    about: 'How the API gateway runs.',
    schema: gatewayFileSchema,
  },
  {
    name: 'images',
    files: 'apps/images.yaml',
    declared: 'generators/schema/gateway.ts',
    about: 'Slipway’s own images; the release writes their digests.',
    schema: imagesFileSchema,
  },
  {
    name: 'cluster',
    files: 'clusters/*/cluster.yaml',
    declared: 'generators/schema/cluster.ts',
    about: 'One cluster. The folder’s name is the cluster’s name.',
    schema: clusterFileSchema,
  },
  {
    name: 'infra',
    files: 'clusters/*/infra.json',
    declared: 'generators/schema/infra.ts',
    about: 'What the platform program made for one cluster; written by it, committed by pull request.',
    schema: infraSchema,
  },
]
