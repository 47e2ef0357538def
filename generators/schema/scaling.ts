// The section `scaling` of the model file: how many replicas, when there is one more, and when there is none.

import Type, { type Static } from 'typebox'
import { duration, oneOf, strict } from './fields.ts'
import { modelDefaults } from './model-defaults.ts'

export const scalingMetrics = ['runningRequests', 'waitingRequests', 'kvCacheUsage'] as const

export type ScalingMetric = (typeof scalingMetrics)[number]

const scheduleSchema = Type.Array(
  strict({
    cron: Type.String({
      minLength: 1,
      maxLength: 100,
      description:
        'The minutes of the week at which it counts: five fields, of which the hours and the days of the week are lists, and the others `*`.',
      examples: ['* 8-17 * * mon-fri'],
    }),
    timeZone: Type.String({
      pattern: '^[A-Z][A-Za-z0-9_+/-]*$',
      maxLength: 60,
      description: 'Where these minutes are; summer time included.',
      examples: ['Europe/Berlin'],
    }),
    minReplicas: Type.Integer({ minimum: 1, maximum: 100, description: 'Fewest replicas then.' }),
  }),
  { minItems: 1, maxItems: 10, description: 'When the model has more replicas at least; default never.' },
)

export const scalingSchema = strict(
  {
    minReplicas: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: `Fewest replicas; 0 needs idleAfter. Default ${modelDefaults.scaling.minReplicas}.`,
      }),
    ),
    maxReplicas: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Most replicas. Default: minReplicas.' }),
    ),
    target: Type.Optional(
      strict(
        {
          metric: oneOf(scalingMetrics, { description: 'Engine metric to scale on.' }),
          value: Type.Number({
            exclusiveMinimum: 0,
            description: 'Value per replica: requests, or for kvCacheUsage a share from 0 to 1.',
          }),
        },
        { description: 'When to add a replica. Default: the engine’s.' },
      ),
    ),
    idleAfter: Type.Optional(
      duration(
        'Time without requests before the last replica goes, longer than its cold start; only with minReplicas 0.',
      ),
    ),
    schedule: Type.Optional(scheduleSchema),
  },
  { description: 'How many replicas.' },
)

export interface Scaling {
  minReplicas: number
  maxReplicas: number
  target?: Static<typeof scalingSchema>['target']
  /** Seconds. */
  idleAfterSeconds?: number
  schedule: Static<typeof scheduleSchema>
}
