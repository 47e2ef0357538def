// Fields of the cluster file about what a company asks of everything in its accounts: tags, and a limit of every role.
import Type from 'typebox'
import { mapOf } from './fields.ts'

/** Keys that the platform writes itself (platform/tags.ts), and prefixes of controllers and of AWS. */
export const ownTags = ['project', 'cluster', 'environment', 'managed-by', 'Name'] as const
export const reservedTagPrefixes = [
  'aws:',
  'eks:',
  'kubernetes.io/',
  'karpenter.',
  'elbv2.k8s.aws/',
  'ingress.k8s.aws/',
  'ebs.csi.aws.com/',
]

/** Letters, digits and these signs: what every service takes (Tagging AWS Resources, naming limits, read 2026-12-01). */
const tagText = '[A-Za-z0-9 _.:/=+@-]'

export const tagsSchema = Type.Optional(
  mapOf(`^${tagText}{1,128}$`, Type.String({ pattern: `^${tagText}{0,256}$` }), {
    maxProperties: 40,
    description:
      'Tags on every AWS resource beside those of the platform, Karpenter’s nodes, volumes and target groups too. Another one replaces Karpenter’s nodes, one of a pool at a time.',
    examples: [{ 'cost-center': '4711' }],
  }),
)

export const permissionBoundarySchema = Type.Optional(
  Type.String({
    pattern: '^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$',
    description: 'Policy that limits every role that the platform makes, those of GitHub Actions too. Default none.',
    examples: ['arn:aws:iam::111122223333:policy/company-boundary'],
  }),
)
