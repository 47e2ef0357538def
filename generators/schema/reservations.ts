// GPUs that are reserved at AWS, and the ways to buy nodes in the order in which Karpenter tries them.
import Type, { type Static } from 'typebox'
import { acceleratorKinds } from './accelerators.ts'
import { oneOf, strict } from './fields.ts'

/**
 * Karpenter's own order, which nothing changes: "Karpenter will prioritize reserved capacity, followed by spot, then finally on-demand"
 * (NodePools, karpenter.sh/capacity-type).
 */
export const capacityTypes = ['reserved', 'spot', 'on-demand'] as const

export type CapacityType = (typeof capacityTypes)[number]

export const reservationsSchema = Type.Array(
  strict({
    id: Type.String({
      pattern: '^cr-[0-9a-z]+$',
      description: 'Capacity reservation or capacity block of EC2, in the cluster’s region.',
      examples: ['cr-0123456789abcdef0'],
    }),
    kind: oneOf(acceleratorKinds, { description: 'GPU kind of its instances.' }),
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'GPUs that it holds.' }),
    until: Type.Optional(
      Type.String({
        pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$',
        description:
          'Last day, UTC, of one that ends, as a capacity block does: AWS ends its instances half an hour before. `npm run review` warns two weeks ahead.',
        examples: ['2027-01-31'],
      }),
    ),
  }),
  {
    minItems: 1,
    maxItems: 30,
    description: 'Reserved GPUs, for models with `accelerator.capacity: [reserved, ...]`; default none.',
  },
)

export type Reservation = Static<typeof reservationsSchema>[number]
