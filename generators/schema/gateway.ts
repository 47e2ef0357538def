// apps/gateway.yaml: how the API gateway runs, and apps/images.yaml: Slipway's own images. Only what differs from the defaults.
import Type, { type Static } from 'typebox'
import { cpuQuantity, imageDigest, mapOf, memoryQuantity, namePattern, oneOf, patchOf, strict } from './fields.ts'
import { gatewaySettingsSchema } from './gateway-settings.ts'

export const gatewayDefaults = {
  replicas: { min: 2, max: 6, targetCpuPercent: 60 },
  resources: { cpu: '500m', memory: '512Mi' },
  logLevel: 'info',
  traceSampleRatio: 0.01,
  settings: {},
} as const

const gatewaySettings = {
  replicas: Type.Optional(
    strict(
      {
        min: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 100,
            description: `Fewest pods; default ${gatewayDefaults.replicas.min}.`,
          }),
        ),
        max: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 100,
            description: `Most pods; default ${gatewayDefaults.replicas.max}.`,
          }),
        ),
        targetCpuPercent: Type.Optional(
          Type.Integer({
            minimum: 10,
            maximum: 95,
            description: `CPU use at which a pod is added; default ${gatewayDefaults.replicas.targetCpuPercent}.`,
          }),
        ),
      },
      { description: 'Pods of the gateway.' },
    ),
  ),
  resources: Type.Optional(
    strict(
      {
        cpu: Type.Optional(cpuQuantity(`CPU request of a pod; default ${gatewayDefaults.resources.cpu}.`)),
        memory: Type.Optional(memoryQuantity(`Memory limit of a pod; default ${gatewayDefaults.resources.memory}.`)),
      },
      { description: 'What one pod needs.' },
    ),
  ),
  logLevel: Type.Optional(
    oneOf(['debug', 'info', 'warn', 'error'], {
      description: `Log level; prompts are never logged. Default ${gatewayDefaults.logLevel}.`,
    }),
  ),
  traceSampleRatio: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: `Share of requests that are traced; default ${gatewayDefaults.traceSampleRatio}.`,
    }),
  ),
  settings: Type.Optional(gatewaySettingsSchema),
}

export const gatewayFileSchema = strict(
  {
    ...gatewaySettings,
    clusters: Type.Optional(
      mapOf(namePattern, patchOf(gatewaySettings), {
        description: 'What differs in one cluster (JSON merge patch, null removes a field).',
      }),
    ),
  },
  { title: 'Slipway gateway file' },
)

export type GatewayFile = Static<typeof gatewayFileSchema>

type Filled<Fields> = {
  [Name in keyof Fields]-?: NonNullable<Fields[Name]> extends object
    ? Required<NonNullable<Fields[Name]>>
    : Fields[Name]
}

/** The settings with their defaults filled in. */
export type Gateway = Filled<Omit<GatewayFile, 'clusters'>>

const image = (description: string) =>
  strict(
    {
      repository: Type.String({
        pattern: '^[a-z0-9.-]+(/[a-z0-9._-]+)+$',
        description: 'Registry and name, without tag.',
      }),
      tag: Type.String({ pattern: '^[0-9A-Za-z._-]+$', description: 'Version.' }),
      digest: Type.Optional(imageDigest('Written by the release; without it synth warns.')),
    },
    { description },
  )

export const imagesFileSchema = strict(
  { gateway: image('The API gateway.'), modelServer: image('The cpu engine, and the fetch container of every model.') },
  { title: 'Slipway images file' },
)

export type Images = Static<typeof imagesFileSchema>
export type Image = Images['gateway']
