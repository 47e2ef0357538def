// The section of the cluster file about the network: a VPC that the platform makes, or one that is there already.

import Type, { type Static } from 'typebox'
import { clusterDefaults } from './cluster-defaults.ts'
import { environments } from './environments.ts'
import { cidr, strict } from './fields.ts'

const subnets = (description: string) =>
  Type.Array(
    strict({
      id: Type.String({
        pattern: '^subnet-[0-9a-f]{8,17}$',
        description: 'Id of the subnet.',
        examples: ['subnet-0123456789abcdef0'],
      }),
      cidr: cidr('Its range: network policies name subnets by it.'),
    }),
    { minItems: 2, maxItems: 3, description },
  )

const existingNetworkSchema = strict(
  {
    vpcId: Type.String({
      pattern: '^vpc-[0-9a-f]{8,17}$',
      description: 'Id of the VPC, in the account and region of the cluster.',
      examples: ['vpc-0123456789abcdef0'],
    }),
    cidr: cidr('Its first range.'),
    subnets: strict(
      {
        private: subnets('Of nodes and pods; their routes lead out, by NAT or a proxy of yours.'),
        loadBalancer: subnets('Of the internal load balancer and the VPC link; nothing else may be in them.'),
        controlPlane: subnets('Of the control plane’s interfaces; nothing else may be in them.'),
      },
      { description: 'Its subnets by role: one in each of `network.zoneIds`, in that order.' },
    ),
  },
  {
    description:
      'A VPC that is there already: none is made, and its routes, NAT, endpoints and flow logs stay yours. Needs `zoneIds`. See docs/bring-your-own.md.',
  },
)

export type ExistingNetwork = Static<typeof existingNetworkSchema>
export type SubnetRole = keyof ExistingNetwork['subnets']

export const networkSchema = Type.Optional(
  strict(
    {
      vpcCidr: Type.Optional(
        Type.String({
          pattern: '^10\\.[0-9]{1,3}\\.[0-9]{1,3}\\.0/(1[6-9]|20)$',
          description: `VPC range, /16 to /20; default ${clusterDefaults.network.vpcCidr}.`,
        }),
      ),
      zones: Type.Optional(
        Type.Integer({
          minimum: 2,
          maximum: 3,
          description: `Availability zones; default ${environments.prod.zones} in prod, ${environments.dev.zones} in dev. Another one replaces system nodes and VPC link, new before old.`,
        }),
      ),
      zoneIds: Type.Optional(
        Type.Array(Type.String({ pattern: '^[a-z0-9]+-az[0-9]$' }), {
          minItems: 2,
          maxItems: 3,
          uniqueItems: true,
          description: 'Which zones, by id, instead of the first `zones` of the region; never changed later.',
          examples: [['use1-az1', 'use1-az2']],
        }),
      ),
      reservedCidrs: Type.Optional(
        Type.Array(cidr('Range.'), {
          uniqueItems: true,
          description: 'Ranges of networks that the VPC is, or will be, connected to; it must not overlap them.',
        }),
      ),
      existing: Type.Optional(existingNetworkSchema),
    },
    { description: 'Network of the VPC.' },
  ),
)
