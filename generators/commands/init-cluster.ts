// The files of a new cluster: its cluster file, and infra outputs of the right form that are made up until the platform has run.

import { acceleratorKinds } from '../schema/accelerators.ts'
import { nodeDefaults } from '../schema/cluster-defaults.ts'
import { weightsBucketName } from '../schema/contract.ts'
import { environments } from '../schema/environments.ts'
import { readAddress } from '../schema/git-address.ts'
import { issuerKinds } from '../schema/oidc.ts'
import { regions } from '../schema/regions.ts'
import type { Answers, ClusterAnswer } from './init-answers.ts'
import { inline } from './yaml-edit.ts'

/** Of the sample: what a cluster of the same environment has. */
export interface Limits {
  /** Most GPUs by kind. */
  maxGpus: Partial<Record<string, number>>
}

export function clusterText(
  cluster: ClusterAnswer,
  index: number,
  { repository, knownHosts, issuer }: Answers,
  { maxGpus }: Limits,
): string {
  const kind = issuerKinds[issuer.kind]
  const zones = regions[cluster.region]?.zoneIds.length ?? 0
  const gpus = acceleratorKinds.filter((name) => maxGpus[name] !== undefined).map((name) => `${name}: ${maxGpus[name]}`)
  const lines = [
    '# yaml-language-server: $schema=../../schemas/cluster.schema.json',
    `region: ${cluster.region}`,
    `account: "${cluster.account}"`,
    `domain: ${cluster.domain}`,
    `environment: ${cluster.environment}`,
    'gitops:',
    '  # Turned on after the first `pulumi up`, when infra.json holds real outputs.',
    '  enabled: false',
    `  repoUrl: ${repository}`,
    ...(readAddress(repository).ssh ? [`  credentials: slipway/${cluster.name}/repository`] : []),
    ...(knownHosts.length > 0 ? [`  knownHosts: ${inline(knownHosts)}`] : []),
    'gpu:',
    gpus.length === 0 ? '  maxGpus: {}' : `  maxGpus: { ${gpus.join(', ')} }`,
    'network:',
    `  vpcCidr: ${vpcCidr(index)}`,
    // A region with fewer zones than the environment asks for.
    ...(zones < environments[cluster.environment].zones ? [`  zones: ${zones}`] : []),
    'nodes:',
    '  # Another release patches the nodes: docs/nodes.md.',
    `  ami: ${nodeDefaults.ami}`,
    'oidc:',
    `  kind: ${issuer.kind}`,
    `  issuer: ${issuer.url}`,
    ...(kind.hasAudience ? [`  audiences: [${kind.audienceExample}]`] : []),
    `  scopes: [${kind.scopeExample}]`,
  ]
  return `${lines.join('\n')}\n`
}

/** Ranges that do not meet, so that clusters can be connected later. */
const vpcCidr = (index: number): string => `10.${(index % 16) * 16}.0.0/16`

/** Hexadecimal digits that depend on the name alone. */
function digits(text: string, count: number): string {
  let hash = 7
  let found = ''
  for (let round = 0; found.length < count; round += 1) {
    for (const char of `${text}${round}`) hash = (hash * 31 + char.charCodeAt(0)) % 2 ** 32
    found += hash.toString(16).padStart(8, '0')
  }
  return found.slice(0, count)
}

export function infraText(
  { name, region, account, environment }: ClusterAnswer,
  index: number,
  kubernetesVersion: string,
): string {
  const arn = (service: string, rest: string, where = region) => `arn:aws:${service}:${where}:${account}:${rest}`
  const infra = {
    status: 'example',
    accountId: account,
    region,
    vpcId: `vpc-${digits(name, 17)}`,
    vpcCidr: vpcCidr(index),
    clusterName: name,
    clusterEndpoint: `https://${digits(name, 8).toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
    kubernetesVersion,
    loadBalancerArn: arn('elasticloadbalancing', `loadbalancer/app/${name}/${digits(name, 16)}`),
    listenerArn: arn(
      'elasticloadbalancing',
      `listener/app/${name}/${digits(name, 16)}/${digits(`${name}-listener`, 16)}`,
    ),
    apiId: `a${digits(name, 9)}`,
    apiDomain: `d-${digits(name, 10)}.execute-api.${region}.amazonaws.com`,
    distributionId: `E${digits(name, 13).toUpperCase()}`,
    distributionDomain: `d${digits(name, 13)}.cloudfront.net`,
    certificateArn: arn('acm', `certificate/12345678-1234-1234-1234-${digits(name, 12)}`, 'us-east-1'),
    nodeInstanceProfile: `${name}-karpenter-node`,
    interruptionQueue: `${name}-karpenter`,
    ...(environments[environment].weights === 's3' && {
      weightsBucket: weightsBucketName(name, account),
      // Of documentation: nobody answers there.
      s3Cidrs: ['192.0.2.0/24'],
    }),
  }
  return `${JSON.stringify(infra, undefined, 2)}\n`
}
