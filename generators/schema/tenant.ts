// The tenant file, apps/tenants/T.yaml: how callers of one tenant are recognised, and what they may do.
import Type, { type Static } from 'typebox'
import { privilegedBodyFields } from './contract.ts'
import { day, mapOf, oneOf, sha256, strict } from './fields.ts'

export const tenantFileSchema = strict(
  {
    description: Type.Optional(Type.String({ maxLength: 300, description: 'One sentence for people.' })),
    claims: mapOf(
      '^[A-Za-z0-9_:./-]+$',
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })]),
      {
        minProperties: 1,
        description: 'Claims a token must have, all of them; a list means one of these values.',
        examples: [{ client_id: 'research' }],
      },
    ),
    models: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Models it may use; default all.',
      }),
    ),
    limits: strict(
      {
        requestsPerMinute: Type.Integer({ minimum: 1, description: 'Requests a minute.' }),
        tokensPerMinute: Type.Integer({ minimum: 1, description: 'Tokens a minute, prompt and answer.' }),
        concurrency: Type.Integer({ minimum: 1, description: 'Requests at once.' }),
      },
      { description: 'Quotas, per model class.' },
    ),
    apiKeys: Type.Optional(
      Type.Array(
        strict({
          id: Type.String({ pattern: '^[a-z0-9-]{1,40}$', description: 'Name of the key, in logs.' }),
          sha256: sha256('Of the whole key. The key itself is never in Git.'),
          expires: day('Last day, in quotes.'),
          tokenBudget: Type.Optional(
            Type.Integer({
              minimum: 1,
              description:
                'Tokens it may use in total, counted by each gateway pod since its start; default no budget.',
            }),
          ),
        }),
        { description: 'API keys of the stream lane.' },
      ),
    ),
    operatorScope: Type.Optional(
      Type.String({
        pattern: '^[!#-\\[\\]-~]{1,200}$',
        description:
          'Scope, as a token of the issuer has it, with which its tokens see the operator’s view of the console: all tenants, models, objectives and syncs, read only. Default: none does; API keys never do.',
        examples: ['slipway/operator'],
      }),
    ),
    allowFields: Type.Optional(
      Type.Array(oneOf(privilegedBodyFields, { description: 'A field of a request body.' }), {
        uniqueItems: true,
        description:
          'Privileged body fields that it may send; default none. docs/reference/routes.md says why each is one.',
      }),
    ),
  },
  { title: 'Slipway tenant file' },
)

export type TenantFile = Static<typeof tenantFileSchema>
export type Tenant = TenantFile & { name: string }
