// What a change of each field of a tenant file means.
import { amount, by, changes, type FieldTable, growth, list, none } from './row.ts'

const limit = (what: string) =>
  amount({
    more: [growth, `${what}; it may take them from other tenants.`],
    less: ['warning', `${what}; requests beyond it get 429.`],
  })

export const tenantFields: FieldTable = {
  description: none('for people'),
  'claims.*': changes('caution', 'other tokens are this tenant’s from now on.'),
  models: {
    judge({ before, after }) {
      if (after === undefined)
        return ['caution', ': it may use every model from now on, also those that are added later.']
      if (before === undefined) return ['warning', ': it may use the named models alone: requests for others get 404.']
      return models.judge({ before, after })
    },
  },
  'limits.requestsPerMinute': limit('requests a minute'),
  'limits.tokensPerMinute': limit('tokens a minute'),
  'limits.concurrency': limit('requests at once'),
  apiKeys: by('key-added', 'key-revoked'),
  'apiKeys[].id': by('key-added', 'key-revoked'),
  'apiKeys[].sha256': by('key-replaced'),
  'apiKeys[].expires': by('key-ends-sooner', 'key-lasts-longer'),
  'apiKeys[].tokenBudget': by('key-budget'),
  operatorScope: changes('caution', 'its tokens with that scope see names, limits and traffic of all tenants.'),
  allowFields: list({
    added: ['caution', 'privileged fields of a request, which it may send from now on.'],
    removed: ['warning', 'fields that it may send no more: requests with them get 400.'],
  }),
}

const models = list({
  added: ['note', 'it may use them too.'],
  removed: ['warning', 'requests for them get 404.'],
})
