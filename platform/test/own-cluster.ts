// The cluster of a company that brings its own: what there is already is named and not made, and its rules hold for everything.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { planRepository } from '../../generators/pipeline.ts'
import type { Cluster, ClusterFile } from '../../generators/schema/cluster.ts'
import { withDefaults } from '../../generators/schema/cluster-defaults.ts'
import type { ExistingNetwork } from '../../generators/schema/cluster-network.ts'
import { withRepository } from '../../generators/test/fixture.ts'
import { manifestsOf } from '../../generators/test/render/manifests-of.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { kubernetesVersion } from '../kubernetes/plan-cluster.ts'
import type { KubernetesObject } from '../walk/declared.ts'
import { clusterFileOf } from './graphs.ts'

const subnetsOf = (first: number, prefix: number) =>
  [0, 1, 2].map((index) => ({
    id: `subnet-${String(first + index).padStart(17, '0')}`,
    cidr: `172.21.${(first + index) * 16}.0/${prefix}`,
  }))

export const existing: ExistingNetwork = {
  vpcId: 'vpc-0123456789abcdef0',
  cidr: '172.21.0.0/16',
  subnets: { private: subnetsOf(0, 20), loadBalancer: subnetsOf(4, 24), controlPlane: subnetsOf(8, 28) },
}

export function ownClusterFile(): ClusterFile {
  const file = clusterFileOf('prod')
  return {
    ...file,
    tags: { 'cost-center': '4711' },
    permissionBoundary: `arn:aws:iam::${file.account}:policy/company-boundary`,
    network: { zoneIds: ['use1-az1', 'use1-az2', 'use1-az4'], existing },
    edge: { ...file.edge, corsOrigins: ['https://app.example.com'] },
  }
}

export const ownCluster = (): Cluster => withDefaults('prod', ownClusterFile())

/** The same, reached from networks of the company alone. */
export const closedClusterFile = (): ClusterFile => ({
  ...ownClusterFile(),
  edge: { kind: 'none', clientCidrs: ['10.100.0.0/14'], corsOrigins: ['https://app.example.com'] },
})

/** The same company brings its EKS cluster too, and another range of Services. */
export function ownKubernetesFile(): ClusterFile {
  const file = ownClusterFile()
  return {
    ...file,
    kubernetes: {
      existing: {
        version: kubernetesVersion,
        securityGroup: 'sg-0123456789abcdef0',
        nodeGroup: 'controllers',
        serviceCidr: '10.100.0.0/16',
      },
    },
  }
}

export const ownKubernetes = (): Cluster => withDefaults('prod', ownKubernetesFile())

/** What synth renders of a cluster file. */
export const ownObjects = (file: ClusterFile = ownClusterFile()): KubernetesObject[] =>
  withRepository(sampleRoot, ({ root }) => {
    writeFileSync(join(root, 'clusters/prod/cluster.yaml'), stringify(file))
    const infra = join(root, 'clusters/prod/infra.json')
    writeFileSync(infra, readFileSync(infra, 'utf8').replace('10.64.0.0/16', existing.cidr))
    const { plans, diagnostics } = planRepository(root, { models: [], clusters: ['prod'] })
    if (plans.length === 0) throw new Error(JSON.stringify(diagnostics))
    return plans.flatMap(manifestsOf).map(({ object }) => object as unknown as KubernetesObject)
  })
