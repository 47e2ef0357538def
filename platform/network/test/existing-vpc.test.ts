// A VPC that is there already: nothing of it is made or changed, all of it is looked up, and a walk goes through its subnets.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { isError } from '../../../generators/diagnostics/diagnostic.ts'
import { planRepository } from '../../../generators/pipeline.ts'
import type { ClusterFile } from '../../../generators/schema/cluster.ts'
import { withDefaults } from '../../../generators/schema/cluster-defaults.ts'
import type { SubnetRole } from '../../../generators/schema/cluster-network.ts'
import { withRepository } from '../../../generators/test/fixture.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { isReal, type Resource } from '../../graph/graph.ts'
import { clusterFileOf, graphOf } from '../../test/graphs.ts'
import { closedClusterFile, existing, ownCluster, ownObjects } from '../../test/own-cluster.ts'
import { casesOf } from '../../walk/cases.ts'
import { expectedGateway } from '../../walk/expected-answer.ts'
import { sampleCredentials } from '../../walk/sample-token.ts'
import { walk } from '../../walk/walk.ts'

const cluster = ownCluster()
const { zoneIds } = cluster.network
const objects = ownObjects()
const ids = (role: SubnetRole): string[] => existing.subnets[role].map(({ id }) => id)

const specOf = (kind: string, name: string) =>
  objects.find((one) => one.kind === kind && one.metadata.name === name)?.spec as Record<string, unknown>

describe('a VPC that is there already', (test) => {
  test('is made by nobody: no VPC, subnet, route, NAT, endpoint or flow log', async () => {
    const { resources } = await graphOf(cluster)
    const made = resources.filter(isReal).map(({ type }: Resource) => type)
    const forbidden = /ec2\/(?:vpc|subnet|route|natGateway|internetGateway|eip|flowLog|defaultSecurityGroup)/i
    assert.equal(
      made.filter((type) => forbidden.test(type)),
      [],
    )
  })

  test('is looked up with range and zone of every subnet, and its internet gateway for CloudFront', async () => {
    const { lookups } = await graphOf(cluster)
    const asked = (token: string) => lookups.filter((one) => one.token === token).map(({ inputs }) => inputs)
    assert.equal(asked('aws:ec2/getVpc:getVpc'), [{ id: existing.vpcId, cidrBlock: existing.cidr }])
    const wanted = Object.values(existing.subnets).flatMap((subnets) =>
      subnets.map(({ id, cidr }, index) => ({
        id,
        vpcId: existing.vpcId,
        cidrBlock: cidr,
        availabilityZoneId: zoneIds[index],
      })),
    )
    const byId = (all: Record<string, unknown>[]) => all.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))
    assert.equal(byId(asked('aws:ec2/getSubnet:getSubnet')), byId(wanted))
    assert.is(asked('aws:ec2/getInternetGateway:getInternetGateway').length, 1)
  })

  test('holds balancer, VPC link, control plane and system nodes in the subnets of their role', async () => {
    const { resources } = await graphOf(cluster)
    const inputs = (type: string) => resources.find((one) => one.type === type)?.inputs ?? {}
    assert.equal(inputs('aws:lb/loadBalancer:LoadBalancer').subnets, ids('loadBalancer'))
    assert.equal(inputs('aws:apigatewayv2/vpcLink:VpcLink').subnetIds, ids('loadBalancer'))
    assert.equal(inputs('aws:eks/nodeGroup:NodeGroup').subnetIds, ids('private'))
    const { subnetIds } = inputs('aws:eks/cluster:Cluster').vpcConfig as { subnetIds: string[] }
    assert.equal(subnetIds, ids('controlPlane'))
  })

  test('is what the cluster reads: nodes, Ingresses and the balancer’s controller by id, network policies by range', () => {
    const terms = specOf('EC2NodeClass', 'l4').subnetSelectorTerms
    assert.equal(
      terms,
      ids('private').map((id) => ({ id })),
    )
    assert.equal(specOf('IngressClassParams', 'slipway').subnets, { ids: ids('loadBalancer') })
    const controller = specOf('Application', 'aws-load-balancer-controller') as {
      source: { helm: { valuesObject: Record<string, unknown> } }
    }
    const { vpcId, vpcTags } = controller.source.helm.valuesObject
    assert.equal([vpcId, vpcTags], [existing.vpcId, undefined])
    const ingress = JSON.stringify(specOf('NetworkPolicy', 'gateway').ingress)
    for (const { cidr } of existing.subnets.loadBalancer) assert.match(ingress, `"${cidr}"`)
  })

  test('is described by a page whose example synth accepts', () => {
    const example = /## VPC\n\n```yaml\n([\s\S]*?)```/.exec(
      readFileSync(join(root, 'docs/bring-your-own.md'), 'utf8'),
    )?.[1]
    const { network } = parse(example ?? '') as Pick<ClusterFile, 'network'>
    withRepository(sampleRoot, (repository) => {
      repository.write('clusters/prod/cluster.yaml', stringify({ ...clusterFileOf('prod'), network }))
      const { diagnostics } = planRepository(repository.root, { models: [], clusters: ['prod'] })
      assert.equal(
        diagnostics.filter(isError).map(({ code }) => code),
        // The outputs of the sample are of its own VPC.
        ['INFRA_MISMATCH'],
      )
    })
  })

  test('needs no internet gateway where clients come from inside, who are answered there', async () => {
    const closed = withDefaults('prod', closedClusterFile())
    const declared = { cluster: closed, graph: await graphOf(closed), objects: ownObjects(closedClusterFile()) }
    assert.equal(
      declared.graph.lookups.filter(({ token }) => /InternetGateway/.test(token)),
      [],
    )
    const cases = casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)
    assert.ok(cases.some(({ name }) => name === 'outside'))
    for (const one of cases) {
      const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
      assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
    }
  })

  test('lets every request of the walk end as it must', async () => {
    const declared = { cluster, graph: await graphOf(cluster), objects }
    for (const one of casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)) {
      const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
      assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
    }
  })
})
