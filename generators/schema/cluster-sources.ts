// Where a cluster gets what it runs from: weights, images, charts.

import Type from 'typebox'
import { clusterDefaults } from './cluster-defaults.ts'
import { environments } from './environments.ts'
import { bucketName, cidr, httpsForm, httpsOrigin, imageRegistry, oneOf, strict } from './fields.ts'

export const weightsSchema = Type.Optional(
  strict(
    {
      source: Type.Optional(
        oneOf(['s3', 'hub'], {
          description: `s3: each revision is copied into the cluster’s bucket once, and pods read it there; hub: each pod fetches from the Hub, through NAT. Default ${environments.prod.weights} in prod, ${environments.dev.weights} in dev.`,
        }),
      ),
      keepDays: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 365,
          description: `Days that weights stay in the bucket after the last model that used them; of a model that still runs, the ones before stay longer. Default ${clusterDefaults.weights.keepDays}.`,
        }),
      ),
      buckets: Type.Optional(
        Type.Array(Type.String({ pattern: `^${bucketName}$` }), {
          uniqueItems: true,
          description:
            'Buckets of your own that models may come from (model: s3://BUCKET/FOLDER); the copy may read them. Default none.',
          examples: [['research-models']],
        }),
      ),
    },
    { description: 'Where pods get weights from.' },
  ),
)

export const mirrorsSchema = Type.Optional(
  strict(
    {
      charts: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'Registry that holds all charts (air-gapped), for example registry.internal/charts.',
        }),
      ),
      images: Type.Optional(
        Type.String({
          pattern: imageRegistry,
          form: 'HOST/FOLDER in lower case, with a port up to 65535 after the host if any',
          description:
            'Registry, with a folder if it has one, that holds the images of engines and of Slipway under their own names.',
          examples: ['registry.example.com/mirror'],
        }),
      ),
      hub: Type.Optional(
        Type.String({
          pattern: `^${httpsOrigin}(/[^\\s?#]*)?$`,
          form: httpsForm,
          description: 'Mirror of the Hugging Face Hub, which copies and pods fetch from.',
          examples: ['https://artifacts.example.com/api/huggingfaceml/hub'],
        }),
      ),
      cidrs: Type.Optional(
        Type.Array(cidr('Range.'), {
          uniqueItems: true,
          description: 'Private addresses of the mirror of the Hub; public ones may be reached anyway. Default none.',
          examples: [['10.20.0.0/24']],
        }),
      ),
      pullSecret: Type.Optional(
        Type.Boolean({
          description:
            'The registry of images needs a login: that of the secret slipway/CLUSTER/registry, as a .dockerconfigjson. Default false.',
        }),
      ),
    },
    { description: 'Where to get charts, images and weights instead.' },
  ),
)
