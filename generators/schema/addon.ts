// The add-on file, apps/addons/NAME.yaml: one pinned Helm chart that Argo CD installs in every cluster.
import Type, { type Static } from 'typebox'
import { dnsLabel, httpsAddress, httpsForm, strict } from './fields.ts'

export const addonFileSchema = strict(
  {
    description: Type.String({ minLength: 1, maxLength: 300, description: 'What it does here, one sentence.' }),
    chart: dnsLabel(60, 'Name of the chart.'),
    repoURL: Type.String({
      pattern: `^(${httpsAddress}|[a-z0-9.-]+\\.[a-z]+(/[a-z0-9._/-]+)?)$`,
      form: `${httpsForm}; or HOST/FOLDER of a registry`,
      description:
        'Chart repository (https://…), or an OCI registry path in Argo CD’s own form: no scheme, no chart name.',
      examples: ['https://kedacore.github.io/charts', 'public.ecr.aws/karpenter'],
    }),
    version: Type.String({ pattern: '^v?[0-9]+\\.[0-9]+\\.[0-9]+$', description: 'Exact version of the chart.' }),
    namespace: dnsLabel(63, 'Namespace it runs in.'),
    skipCrds: Type.Optional(
      Type.Boolean({ description: 'true when another add-on brings the chart’s custom resource definitions.' }),
    ),
    values: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'Chart values. $(cluster.name), $(cluster.region), $(cluster.environment) and $(cluster.account) are filled in.',
      }),
    ),
    ignoreDifferences: Type.Optional(
      Type.Array(
        strict({
          group: Type.Optional(Type.String({ description: 'API group; none for core.' })),
          kind: Type.String({ minLength: 1, description: 'Kind.' }),
          name: Type.Optional(Type.String({ description: 'One object; default all of the kind.' })),
          jsonPointers: Type.Optional(
            Type.Array(Type.String({ pattern: '^/' }), { minItems: 1, description: 'Fields as JSON pointers.' }),
          ),
          jqPathExpressions: Type.Optional(
            Type.Array(Type.String({ pattern: '^\\.' }), { minItems: 1, description: 'Fields as jq paths.' }),
          ),
        }),
        { description: 'Fields that a controller owns.' },
      ),
    ),
  },
  { title: 'Slipway add-on file' },
)

export type AddonFile = Static<typeof addonFileSchema>
export type Addon = AddonFile & { name: string }
