// An EKS cluster that is there already: nothing of it is made, what does not fit ends the preview, and a walk goes through it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { parse, stringify } from 'yaml'
import { isError } from '../../../generators/diagnostics/diagnostic.ts'
import { planRepository } from '../../../generators/pipeline.ts'
import type { ClusterFile } from '../../../generators/schema/cluster.ts'
import { withRepository } from '../../../generators/test/fixture.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { costLines } from '../../cost/plan-cost.ts'
import { writePolicies } from '../../deployer/plan-policies.ts'
import { existingClusterChecks } from '../../doctor/existing-cluster.ts'
import { isReal, ofType } from '../../graph/graph.ts'
import { placeholderCall } from '../../graph/placeholder-outputs.ts'
import { clusterFileOf, clusterOf, graphOf } from '../../test/graphs.ts'
import { ownKubernetes, ownKubernetesFile, ownObjects } from '../../test/own-cluster.ts'
import { casesOf } from '../../walk/cases.ts'
import { expectedGateway } from '../../walk/expected-answer.ts'
import { sampleCredentials } from '../../walk/sample-token.ts'
import { walk } from '../../walk/walk.ts'
import { ExistingCluster } from '../existing-cluster.ts'
import { clusterProblems, nodeGroupProblems } from '../plan-existing-cluster.ts'

const cluster = ownKubernetes()
const { existing } = cluster.kubernetes
if (existing === undefined) throw new Error('the sample brings no cluster')
const objects = ownObjects(ownKubernetesFile())

const sound = {
  version: existing.version,
  authenticationMode: 'API_AND_CONFIG_MAP',
  serviceCidr: existing.serviceCidr,
  vpcId: cluster.network.existing?.vpcId,
  securityGroup: existing.securityGroup,
  subnetIds: cluster.network.existing?.subnets.controlPlane.slice(0, 2).map(({ id }) => id) ?? [],
  privateAccess: true,
}

describe('an EKS cluster that is there already', (test) => {
  test('is made by nobody: no cluster, node group, add-on, launch template, nor access but of Karpenter’s nodes', async () => {
    const { resources } = await graphOf(cluster)
    const made = resources.filter(isReal).map(({ type }) => type)
    assert.equal(
      made.filter((type) => /eks\/(?:cluster|nodeGroup|addon|accessPolicy)|launchTemplate|ec2\/tag/i.test(type)),
      [],
    )
    const entries = resources.filter(({ type }) => type === 'aws:eks/accessEntry:AccessEntry')
    assert.equal(
      entries.map(({ inputs }) => [inputs.clusterName, inputs.type]),
      [['prod', 'EC2_LINUX']],
    )
  })

  test('is looked up by the name of its folder, and what is built on it names what was found', async () => {
    const graph = await graphOf(cluster)
    const asked = graph.lookups.filter(({ token }) => token.startsWith('aws:eks/')).map(({ inputs }) => inputs)
    assert.equal(asked, [{ name: 'prod' }, { clusterName: 'prod', nodeGroupName: 'controllers' }])
    const identities = ofType(graph, 'aws:eks/podIdentityAssociation:PodIdentityAssociation')
    assert.ok(identities.length > 5)
    for (const { inputs } of identities) assert.is(inputs.clusterName, 'prod')
    const opened = ofType(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').filter(
      ({ inputs }) => inputs.securityGroupId === existing.securityGroup,
    )
    assert.is(opened.length, 2)
    assert.is(graph.outputs.kubernetesVersion, existing.version)
    assert.match(String(graph.outputs.clusterEndpoint), /eks\.amazonaws\.com$/)
  })

  test('ends the preview with a sentence for all that does not fit', () => {
    assert.equal(clusterProblems(cluster, existing, sound), [])
    const wrong: [change: Partial<typeof sound>, says: RegExp][] = [
      [{ version: '1.34' }, /^its version is 1\.34, and kubernetes\.existing\.version says 1\.35/],
      [{ vpcId: 'vpc-1' }, /network\.existing\.vpcId/],
      [{ securityGroup: 'sg-1' }, /kubernetes\.existing\.securityGroup/],
      [{ serviceCidr: '172.20.0.0/16' }, /Service range is 172\.20\.0\.0\/16/],
      [{ subnetIds: ['subnet-1'] }, /interfaces are in subnet-1 too/],
      [{ authenticationMode: 'CONFIG_MAP' }, /takes no access entries/],
      [{ privateAccess: false }, /does not answer inside the VPC/],
    ]
    for (const [change, says] of wrong) {
      const problems = clusterProblems(cluster, existing, { ...sound, ...change })
      assert.is(problems.length, 1, JSON.stringify(change))
      assert.match(problems[0]?.says ?? '', says)
    }
    const label = { 'slipway.dev/node-pool': 'system' }
    assert.equal(nodeGroupProblems(existing, { labels: label, taints: [] }), [])
    assert.match(nodeGroupProblems(existing, { labels: {}, taints: [] })[0]?.says ?? '', /lack the label/)
    assert.match(nodeGroupProblems(existing, { labels: label, taints: [{}] })[0]?.says ?? '', /have taints/)
  })

  test('ends a preview in which AWS answers otherwise', async () => {
    const call = ({ token, inputs }: { token: string; inputs: Record<string, unknown> }) => ({
      ...placeholderCall(token, inputs, cluster),
      version: '1.33',
    })
    await pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call })
    const failure = Promise.withResolvers<Error>()
    process.on('unhandledRejection', failure.resolve)
    try {
      new ExistingCluster('prod-kubernetes', { cluster, existing }, {})
      const { message } = await failure.promise
      assert.match(message, /the EKS cluster prod does not fit:\nits version is 1\.33, and .* says 1\.35: correct/)
    } finally {
      // Every output that was to come rejects for the same reason.
      await new Promise((resolve) => setTimeout(resolve, 50))
      process.off('unhandledRejection', failure.resolve)
    }
  })

  test('is what the cluster reads: nodes by its security group, the API server in its Service range', () => {
    const classes = objects.filter(({ kind }) => kind === 'EC2NodeClass')
    assert.ok(classes.length > 0)
    for (const { spec } of classes)
      assert.equal((spec as { securityGroupSelectorTerms: object }).securityGroupSelectorTerms, [
        { id: existing.securityGroup },
      ])
    const policies = JSON.stringify(objects.filter(({ kind }) => kind === 'NetworkPolicy'))
    assert.match(policies, '"10.100.0.1/32"')
    assert.not.match(policies, '172.20.0.1')
  })

  test('costs no control plane and no system nodes', async () => {
    const lines = costLines(await graphOf(cluster)).map(({ what }) => what)
    assert.equal(
      lines.filter((what) => /EKS|system node/.test(what)),
      [],
    )
    assert.ok(costLines(await graphOf('prod')).some(({ what }) => what === 'EKS cluster'))
  })

  test('can be neither changed nor deleted by the role that applies', () => {
    const actions = (of: Parameters<typeof writePolicies>[0]) =>
      writePolicies(of)
        .flatMap(({ Statement }) => Statement)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.startsWith('eks:'))
    const forbidden = /Cluster|Nodegroup|Addon|AccessPolicy/
    assert.equal(
      actions(cluster).filter((action) => forbidden.test(action)),
      [],
    )
    assert.ok(actions(cluster).includes('eks:CreatePodIdentityAssociation'))
    assert.ok(actions(clusterOf('prod')).includes('eks:DeleteCluster'))
  })

  test('leaves the rights of an add-on that is switched off to its owner', async () => {
    const addons = { 'external-secrets': { enabled: false }, karpenter: { enabled: false } }
    const graph = await graphOf({ ...cluster, addons })
    const bound = ofType(graph, 'aws:eks/podIdentityAssociation:PodIdentityAssociation').map(
      ({ inputs }) => inputs.serviceAccount,
    )
    assert.not(bound.includes('external-secrets') || bound.includes('karpenter'), bound.join())
    assert.ok(bound.includes('aws-load-balancer-controller'))
  })

  test('is asked of by doctor: settings, nodes, add-ons, access', () => {
    const checks = new Map(existingClusterChecks(cluster).map((check) => [check.name, check]))
    const judge = (name: string, answer: unknown) => checks.get(name)?.judge(answer)
    const described = placeholderCall('aws:eks/getCluster:getCluster', { name: 'prod' }, cluster) as {
      vpcConfig: object
    }
    const answer = (mode: string) => ({
      cluster: {
        ...described,
        resourcesVpcConfig: described.vpcConfig,
        accessConfig: { authenticationMode: mode },
        kubernetesNetworkConfig: { serviceIpv4Cidr: existing.serviceCidr },
      },
    })
    assert.is(judge('EKS cluster', answer('API'))?.good, true)
    assert.is(judge('EKS cluster', answer('CONFIG_MAP'))?.good, false)
    assert.is(judge('node group', { nodegroup: { labels: {} } })?.good, false)
    const settings = (configurationValues?: string) => judge('add-on vpc-cni', { addon: { configurationValues } })
    assert.is(settings('{"enableNetworkPolicy": "true"}')?.good, true)
    assert.is(settings('enableNetworkPolicy: true')?.good, true)
    assert.is(settings()?.good, false)
    const access = (...names: string[]) =>
      judge('access of slipway-deployer', {
        associatedAccessPolicies: names.map((name) => ({
          policyArn: `arn:aws:eks::aws:cluster-access-policy/${name}`,
        })),
      })
    assert.is(access('AmazonEKSClusterAdminPolicy')?.good, true)
    assert.is(access('AmazonEKSViewPolicy')?.good, false)
  })

  test('is described by a page whose example synth accepts', () => {
    const page = readFileSync(join(root, 'docs/bring-your-own.md'), 'utf8')
    const example = /## EKS cluster\n\n```yaml\n([\s\S]*?)```/.exec(page)?.[1]
    const { kubernetes } = parse(example ?? '') as Pick<ClusterFile, 'kubernetes'>
    assert.ok(kubernetes?.existing)
    const { network } = ownKubernetesFile()
    withRepository(sampleRoot, (repository) => {
      repository.write('clusters/prod/cluster.yaml', stringify({ ...clusterFileOf('prod'), network, kubernetes }))
      const { diagnostics } = planRepository(repository.root, { models: [], clusters: ['prod'] })
      // The outputs of the sample are of its own VPC.
      assert.equal(
        diagnostics.filter(isError).map(({ code }) => code),
        ['INFRA_MISMATCH'],
      )
    })
  })

  test('lets every request of the walk end as it must', async () => {
    const declared = { cluster, graph: await graphOf(cluster), objects }
    for (const one of casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)) {
      const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
      assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
    }
  })
})
