// Folder `tenants`: one ConfigMap per tenant, which the gateway watches.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { tenantJson } from '../../plan/discovery.ts'
import { labels, namespaces, partOf, tenantComponent, tenantKey } from '../../schema/contract.ts'
import { configMap } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { tree } from '../tree.ts'

export const renderTenants = (plan: ClusterPlan): Manifest[] =>
  plan.tenants.length > 0 ? tenantFiles(plan) : noTenant(plan)

/** Argo CD takes nothing away while a folder is empty, so the last tenant would stay: it goes when something else is there. */
const noTenant = ({ cluster }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'tenants', source: `clusters/${cluster.name}/cluster.yaml` }, (chart) =>
    configMap(
      chart,
      { name: 'no-tenant', namespace: namespaces.gateway, labels: { [labels.partOf]: partOf } },
      { why: 'apps/tenants is empty' },
    ),
  )

const tenantFiles = ({ cluster, tenants }: ClusterPlan): Manifest[] =>
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
