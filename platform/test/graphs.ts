// The graphs that tests look at: of the sample clusters, and of one that uses everything a cluster file can say.
import { readdirSync, readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Cluster, ClusterFile } from '../../generators/schema/cluster.ts'
import { withDefaults } from '../../generators/schema/cluster-defaults.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { root } from '../../test/source-files.ts'
import type { Graph } from '../graph/graph.ts'
import { kubernetesVersion } from '../kubernetes/plan-cluster.ts'
import type { PlatformSettings } from '../platform-settings.ts'
import { readTenants } from '../read-cluster.ts'

// Loading Pulumi takes a second, half of it compiling; Node keeps the result. Safe to delete at any time.
enableCompileCache(join(root, 'node_modules/.cache/slipway'))
export const { recordGraph } = await import('../graph/record-graph.ts')

export const clusterNames = readdirSync(join(sampleRoot, 'clusters'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

export const clusterFileOf = (name: string): ClusterFile =>
  parse(readFileSync(join(sampleRoot, 'clusters', name, 'cluster.yaml'), 'utf8')) as ClusterFile

export const clusterOf = (name: string): Cluster => withDefaults(name, clusterFileOf(name))

const fullName = 'x'.repeat(24)

/**
 * The longest name, not the region of CloudFront, so that what is in the wrong one of the two regions shows; everything
 * switched on.
 */
export function fullCluster(): Cluster {
  const file = clusterFileOf('prod')
  return withDefaults(fullName, {
    ...file,
    region: 'eu-central-1',
    gitops: {
      ...file.gitops,
      enabled: true,
      credentials: 'slipway/repository',
      sso: { clientId: 'argo', adminGroups: ['platform', 'on call'] },
    },
    kubernetesApi: {
      publicCidrs: ['203.0.113.0/24'],
      adminRoles: ['slipway-deployer', 'teams/on-call'],
      viewRoles: ['preview'],
    },
    nodes: { ...file.nodes, systemRelease: `${kubernetesVersion}.6-20260714` },
    edge: {
      ...file.edge,
      geo: { mode: 'block', countries: ['AQ'] },
      mutualTls: {
        certificate: `arn:aws:acm:us-east-1:${file.account}:certificate/12345678-1234-1234-1234-123456789012`,
        truststore: `s3://${fullName}-truststore/authorities.pem`,
      },
    },
    monitoring: {
      emails: ['on-call@example.com'],
      monthlyUsd: 5000,
      logRetentionDays: 365,
      canary: {
        tokenUrl: 'https://example.auth.us-east-1.amazoncognito.com/oauth2/token',
        clientId: '1example23456789research',
      },
    },
  })
}

export const originSecret = {
  current: 'current-value-of-the-origin-secret',
  previous: 'previous-value-of-the-origin-secret',
}

export const canaryClientSecret = 'client-secret-of-the-canary'

export const tenants = readTenants(sampleRoot)

export const settingsOf = (cluster: Cluster): PlatformSettings => ({
  cluster,
  tenants,
  originSecret,
  ...(cluster.monitoring.canary && { canaryClientSecret }),
})

const built = new Map<string, Graph>()

/** Built once per test file. One after the other: Pulumi's runtime is a global. */
export async function graphOf(cluster: Cluster | string): Promise<Graph> {
  const wanted = typeof cluster === 'string' ? clusterOf(cluster) : cluster
  const key = JSON.stringify(wanted)
  const graph = built.get(key) ?? (await recordGraph(settingsOf(wanted)))
  built.set(key, graph)
  return graph
}
