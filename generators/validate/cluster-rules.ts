// Rules about a cluster file and its infra outputs; fills in the defaults.
import type { Repository } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import { type Cluster, type ClusterFile, clusterFileSchema } from '../schema/cluster.ts'
import { withDefaults } from '../schema/cluster-defaults.ts'
import { hasCloudFront } from '../schema/edge-kinds.ts'
import { type Infra, infraSchema, restoreStack, stackFile } from '../schema/infra.ts'
import { checkSchema } from './check-schema.ts'
import type { Findings } from './findings.ts'
import { checkPlatform } from './platform-rules.ts'
import { checkReservations } from './reservation-rules.ts'
import { checkTelemetry } from './watch-rules.ts'
import { checkWeightsBucket } from './weight-rules.ts'

export interface CheckedCluster {
  cluster: Cluster
  infra: Infra
  source: SourceFile
}

/** The file alone; undefined when it does not have the form of a cluster file. */
export function checkClusterFile(name: string, file: SourceFile, findings: Findings): Cluster | undefined {
  const wrong = checkSchema(clusterFileSchema, file)
  findings.diagnostics.push(...wrong)
  if (wrong.length > 0) return undefined
  const cluster = withDefaults(name, file.value as ClusterFile)
  checkPlatform(cluster, file, findings)
  checkTelemetry(file.value as ClusterFile, file, findings)
  checkReservations(cluster, file, findings)
  return cluster
}

export function checkCluster(
  { name, file, infra, lacksStack }: Repository['clusters'][number],
  findings: Findings,
): CheckedCluster | undefined {
  const cluster = file === undefined ? undefined : checkClusterFile(name, file, findings)
  const wrong = infra === undefined ? [] : checkSchema(infraSchema, infra)
  findings.diagnostics.push(...wrong)
  if (file === undefined || infra === undefined || cluster === undefined || wrong.length > 0) return undefined
  const outputs = infra.value as Infra
  checkInfra(cluster, outputs, infra, findings)
  checkWeightsBucket(cluster, outputs, infra, findings)
  if (lacksStack === true && outputs.status === 'applied')
    findings.add(
      'STACK_MISSING',
      infra.position(['status']),
      `the platform of ${name} is there, and ${stackFile(name)} is not`,
      restoreStack(name),
    )
  return { cluster, infra: outputs, source: file }
}

function checkInfra(cluster: Cluster, infra: Infra, file: SourceFile, findings: Findings): void {
  const { existing } = cluster.kubernetes
  const pairs = [
    ['clusterName', cluster.name, 'the folder'],
    ['accountId', cluster.account, 'account'],
    ['region', cluster.region, 'region'],
    ['vpcCidr', cluster.network.vpcCidr, 'network.vpcCidr'],
    ...(existing === undefined
      ? []
      : ([['kubernetesVersion', existing.version, 'kubernetes.existing.version']] as const)),
  ] as const
  for (const [field, wanted, owner] of pairs) {
    if (infra[field] === wanted) continue
    findings.add(
      'INFRA_MISMATCH',
      file.position([field]),
      `${field} is ${infra[field]}, but ${owner} of clusters/${cluster.name}/cluster.yaml says ${wanted}`,
      'commit the outputs of this cluster’s own stack',
    )
  }
  // One of us-east-1 would be rendered into the class of the Ingresses.
  if (infra.status === 'applied' && !hasCloudFront(cluster) && infra.certificateArn.split(':')[3] !== cluster.region)
    findings.add(
      'INFRA_MISMATCH',
      file.position(['certificateArn']),
      `the certificate is not in ${cluster.region}, where edge.kind ${cluster.edge.kind} of clusters/${cluster.name}/cluster.yaml wants it`,
      'run the platform program with this cluster file first, and commit its outputs',
    )
  if (infra.status === 'example') {
    findings.add(
      'INFRA_EXAMPLE',
      file.position(['status']),
      `${file.path} is an example: the platform of ${cluster.name} was never provisioned`,
      'run the platform program and commit its outputs before gitops.enabled: true',
    )
  }
}
