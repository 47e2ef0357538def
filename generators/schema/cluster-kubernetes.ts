// The section of the cluster file about the EKS cluster: one that the platform makes, or one that is there already.

import Type, { type Static } from 'typebox'
import { cidr, strict } from './fields.ts'

/** The platform’s own; network policies name the API server by it. */
export const defaultServiceCidr = '172.20.0.0/16'

const existingKubernetesSchema = strict(
  {
    version: Type.String({
      pattern: '^1\\.(3[3-9]|[4-9][0-9])$',
      description: 'Its minor version, 1.33 or newer. When its owner upgrades it, the new one is written here.',
      examples: ['1.35'],
    }),
    securityGroup: Type.String({
      pattern: '^sg-[0-9a-f]{8,17}$',
      description: 'Id of its cluster security group. Karpenter’s nodes are in it, and the load balancer is let in.',
      examples: ['sg-0123456789abcdef0'],
    }),
    nodeGroup: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$',
      description:
        'Name of a managed node group for controllers, with the label `slipway.dev/node-pool: system` and without taints.',
      examples: ['system'],
    }),
    serviceCidr: Type.Optional(cidr(`Its range of Service addresses; default ${defaultServiceCidr}.`)),
  },
  {
    description:
      'An EKS cluster that is there already, with the name of this folder: none is made, and its add-ons, access, logs and upgrades stay yours. Needs `network.existing`. See docs/bring-your-own.md.',
  },
)

export type ExistingKubernetes = Required<Static<typeof existingKubernetesSchema>>

export const kubernetesSchema = Type.Optional(
  strict({ existing: Type.Optional(existingKubernetesSchema) }, { description: 'The EKS cluster.' }),
)
