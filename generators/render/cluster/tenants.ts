// Folder `tenants`: one ConfigMap per tenant, which the gateway watches.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { labels, namespaces, partOf, tenantComponent, tenantKey } from '../../schema/contract.ts'
import type { Tenant } from '../../schema/tenant.ts'
import { configMap } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { tree } from '../tree.ts'

/** The JSON the gateway reads; keys in a fixed order. Hashes of API keys only. */
export const tenantJson = ({ name, claims, models, limits, apiKeys, allowFields }: Tenant): string =>
  JSON.stringify({
    name,
    claims: Object.fromEntries(Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(models === undefined ? {} : { models }),
    limits: {
      concurrency: limits.concurrency,
      requestsPerMinute: limits.requestsPerMinute,
      tokensPerMinute: limits.tokensPerMinute,
    },
    apiKeys: (apiKeys ?? []).map(({ id, sha256, expires, tokenBudget }) => ({ id, sha256, expires, tokenBudget })),
    allowFields,
  })

export const renderTenants = ({ cluster, tenants }: ClusterPlan): Manifest[] =>
  tenants.flatMap(({ tenant, source }) =>
    tree({ cluster: cluster.name, app: 'tenants', source: source.path }, (chart) => {
      const tenantLabels = { [labels.name]: tenant.name, [labels.component]: tenantComponent, [labels.partOf]: partOf }
      configMap(
        chart,
        { name: `tenant-${tenant.name}`, namespace: namespaces.gateway, labels: tenantLabels },
        { [tenantKey]: tenantJson(tenant) },
      )
    }),
  )
