// The network of every cluster: zones, ranges, ways out, endpoints.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse } from 'yaml'
import { karpenterDiscoveryTag } from '../../../generators/schema/contract.ts'
import { addressRange, overlap, planSubnets } from '../../../generators/schema/network.ts'
import { regions } from '../../../generators/schema/regions.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, named, ofType, type Resource } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { interfaceEndpoints } from '../plan-endpoints.ts'
import { planNetwork } from '../plan-network.ts'

const subnets = (graph: Graph) => ofType(graph, 'aws:ec2/subnet:Subnet')
const tagged = (graph: Graph, key: string): string[] =>
  subnets(graph)
    .filter(({ inputs }) => Object.hasOwn(inputs.tags as object, key))
    .map(({ inputs }) => String(inputs.cidrBlock))

/** Destination of the default route that a subnet’s table has. */
function defaultRoute(graph: Graph, subnet: Resource): Resource | undefined {
  const association = ofType(graph, 'aws:ec2/routeTableAssociation:RouteTableAssociation').find(({ dependencies }) =>
    dependencies.includes(subnet.name),
  )
  return ofType(graph, 'aws:ec2/route:Route').find(
    ({ inputs }) => inputs.routeTableId === association?.inputs.routeTableId,
  )
}

const zoneIn = (name: string | undefined): string | undefined => /[a-z]+\d-az\d/.exec(name ?? '')?.[0]

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  const { vpcCidr, zoneIds } = cluster.network

  describe(`network of ${cluster.name}`, (test) => {
    test('has one subnet of each kind per zone, in the ranges that network policies name', async () => {
      const found = subnets(await graphOf(cluster)).map(({ inputs }) => [inputs.availabilityZoneId, inputs.cidrBlock])
      const wanted = Object.values(planSubnets(vpcCidr, zoneIds.length)).flatMap((ranges: string[]) =>
        ranges.map((cidr, index) => [zoneIds[index], cidr]),
      )
      assert.equal(found.sort(), wanted.sort())
    })

    test('is only in zones where a VPC link can be', () => {
      assert.equal(
        zoneIds.filter((zoneId) => !regions[cluster.region]?.zoneIds.includes(zoneId)),
        [],
      )
    })

    test('lets the controller see only the load balancer’s subnets, and Karpenter only those of nodes', async () => {
      const graph = await graphOf(cluster)
      const planned = planSubnets(vpcCidr, zoneIds.length)
      assert.equal(tagged(graph, 'kubernetes.io/role/internal-elb').sort(), planned.loadBalancer.sort())
      assert.equal(tagged(graph, karpenterDiscoveryTag).sort(), planned.private.sort())
    })

    test('has a NAT gateway per zone in prod, one in dev, and each node goes through that of its own zone if it has one', async () => {
      const graph = await graphOf(cluster)
      const zonesWithNat = ofType(graph, 'aws:ec2/natGateway:NatGateway').map(({ name }) => zoneIn(name))
      assert.equal(zonesWithNat, cluster.environment === 'prod' ? zoneIds : zoneIds.slice(0, 1))
      for (const subnet of subnets(graph).filter(({ name }) => name.includes('-private-'))) {
        const nat = defaultRoute(graph, subnet)?.dependencies.find(
          (name) => name.includes('-nat-') && !name.includes('table'),
        )
        const own = zoneIn(subnet.name)
        assert.is(zoneIn(nat), zonesWithNat.includes(own) ? own : zonesWithNat[0], subnet.name)
      }
    })

    test('puts NAT into public subnets, which alone lead to the internet gateway', async () => {
      const graph = await graphOf(cluster)
      for (const { dependencies } of ofType(graph, 'aws:ec2/natGateway:NatGateway'))
        assert.ok(dependencies.some((name) => name.includes('-public-')))
      for (const subnet of subnets(graph)) {
        const open = defaultRoute(graph, subnet)?.inputs.gatewayId !== undefined
        assert.is(open, subnet.name.includes('-public-'), subnet.name)
      }
    })

    test('gives load balancer and control plane no way out', async () => {
      const graph = await graphOf(cluster)
      const closed = subnets(graph).filter(({ name }) => /-(?:load-balancer|control-plane)-/.test(name))
      assert.is(closed.length, 2 * zoneIds.length)
      for (const subnet of closed) assert.is(defaultRoute(graph, subnet), undefined, subnet.name)
    })

    test('reaches S3 from every private subnet, and the other services by private addresses in prod', async () => {
      const graph = await graphOf(cluster)
      const endpoints = ofType(graph, 'aws:ec2/vpcEndpoint:VpcEndpoint')
      const { inputs: s3 } = named(graph, `${cluster.name}-network-endpoints-s3`)
      assert.is(s3.serviceName, `com.amazonaws.${cluster.region}.s3`)
      assert.is((s3.routeTableIds as string[]).length, zoneIds.length)
      const others = endpoints.filter(({ inputs }) => inputs.vpcEndpointType === 'Interface')
      assert.is(others.length, cluster.environment === 'prod' ? Object.keys(interfaceEndpoints).length : 0)
      for (const { inputs } of others) {
        assert.is((inputs.subnetIds as string[]).length, zoneIds.length)
        assert.is(inputs.privateDnsEnabled, true)
      }
    })

    test('logs all flows', async () => {
      const { inputs } = named(await graphOf(cluster), `${cluster.name}-network-flow-logs-log`)
      assert.is(inputs.trafficType, 'ALL')
      assert.match(String(inputs.logDestination), /:log-group:\/slipway\/.*\/vpc-flow$/)
    })

    test('is found by the Load Balancer Controller by the tag of its chart’s values', async () => {
      const addon = parse(readFileSync(join(root, 'apps/addons/aws-load-balancer-controller.yaml'), 'utf8')) as {
        values: { vpcTags: { Name: string } }
      }
      const { inputs } = named(await graphOf(cluster), `${cluster.name}-network-vpc`)
      const wanted = addon.values.vpcTags.Name.replace('$(cluster.name)', cluster.name)
      assert.is((inputs.tags as Record<string, string>).Name, wanted)
    })
  })
}

describe('planNetwork', (test) => {
  test('never overlaps, and stays inside the VPC, for any range and zones', () => {
    const zoneCount = fc.constantFrom(2, 3)
    const vpc = fc.tuple(fc.nat(255), fc.nat(15), fc.integer({ min: 16, max: 20 }))
    const environment = fc.constantFrom('dev' as const, 'prod' as const)
    fc.assert(
      fc.property(vpc, zoneCount, environment, ([second, third, prefix], zones, chosen) => {
        const vpcCidr = addressRange(`10.${second}.${third * 16}.0/${prefix}`)?.aligned ?? ''
        const base = clusterOf('dev')
        const zoneIds = Array.from({ length: zones }, (_, index) => `use1-az${index + 1}`)
        const plan = planNetwork({ ...base, environment: chosen, network: { ...base.network, vpcCidr, zoneIds } })
        assert.is(plan.subnets.length, 4 * zones)
        for (const [index, { cidr }] of plan.subnets.entries()) {
          assert.ok(overlap(cidr, vpcCidr))
          for (const other of plan.subnets.slice(index + 1))
            assert.not(overlap(cidr, other.cidr), `${cidr} ${other.cidr}`)
        }
        assert.equal(Object.keys(plan.natZoneOf), zoneIds)
      }),
    )
  })
})
