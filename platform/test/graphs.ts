// The graphs of the repository's own clusters, built once per test file.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Cluster, ClusterFile } from '../../generators/schema/cluster.ts'
import { withDefaults } from '../../generators/schema/cluster-defaults.ts'
import { root } from '../../test/source-files.ts'
import type { Graph } from '../graph/graph.ts'
import { recordGraph } from '../graph/record-graph.ts'

export const clusterNames = readdirSync(join(root, 'clusters'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

export const clusterOf = (name: string): Cluster =>
  withDefaults(name, parse(readFileSync(join(root, 'clusters', name, 'cluster.yaml'), 'utf8')) as ClusterFile)

export const settingsOf = (cluster: Cluster) => ({
  cluster,
  originSecret: { current: 'current-value-of-the-origin-secret', previous: 'previous-value-of-the-origin-secret' },
})

const built = new Map<string, Graph>()

/** One after the other: Pulumi's runtime is a global. */
export async function graphOf(name: string): Promise<Graph> {
  const known = built.get(name)
  if (known !== undefined) return known
  const graph = await recordGraph(settingsOf(clusterOf(name)))
  built.set(name, graph)
  return graph
}
