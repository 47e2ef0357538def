// What Git holds of the cluster's other half: rendered objects and add-ons. Platform and Git must say the same names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import type { KubernetesObject } from '../walk/declared.ts'

const read = (path: string): unknown => parse(readFileSync(join(sampleRoot, path), 'utf8'))

/** `path` below clusters/C/rendered. */
export const rendered = (cluster: Cluster, path: string): KubernetesObject =>
  read(`clusters/${cluster.name}/rendered/${path}`) as KubernetesObject

export interface Addon {
  version: string
  namespace: string
  values: Record<string, unknown> & { serviceAccount: { name: string } }
}

/** The add-on with its placeholders filled in for a cluster. */
export function addonOf(name: string, cluster: Cluster): Addon {
  const text = JSON.stringify(read(`apps/addons/${name}.yaml`))
  return JSON.parse(
    text
      .replaceAll('$(cluster.name)', cluster.name)
      .replaceAll('$(cluster.region)', cluster.region)
      .replaceAll('$(cluster.account)', cluster.account),
  ) as Addon
}
