// The part of a model file that says what its callers may count on: alerts, the dashboard and the smoke test are made from it.
import Type from 'typebox'
import { latency, strict } from './fields.ts'

const p95 = (description: string, example: string) =>
  Type.Optional(strict({ p95: latency('Of a hundred, 95 are not later than this.', example) }, { description }))

export const sloSchema = Type.Optional(
  strict(
    {
      firstToken: p95(
        'From a request’s arrival at the engine to its first token. The start of a sleeping model is no part of it.',
        '2500ms',
      ),
      interToken: p95('From one token of an answer to the next.', '100ms'),
      availability: Type.Optional(
        Type.Number({
          minimum: 95,
          maximum: 99.99,
          description: 'Of a hundred requests, this many end without an error of ours; counted over 30 days.',
          examples: [99.5],
        }),
      ),
    },
    {
      description:
        'Service level objectives: alerts are made from them. Default none: then only a model that is down is reported.',
      moved: {
        timeToFirstTokenSeconds:
          'it is a time-out: write timeouts: { firstToken: $SECONDSs } beside slo, or run npm run migrate',
      },
    },
  ),
)

/** Per cent of requests or tokens that `p95` promises. */
export const latencyObjective = 95

/** Objectives of one model in one cluster. */
export interface Slo {
  firstTokenSeconds?: number
  interTokenSeconds?: number
  /** Per cent. */
  availability?: number
}
