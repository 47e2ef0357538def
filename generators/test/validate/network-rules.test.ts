// What is refused of a VPC that is there already: each mistake at its place, and nothing of a sound one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { parseYaml } from '../../load/parse-source.ts'
import type { ClusterFile } from '../../schema/cluster.ts'
import { checkClusterFile } from '../../validate/cluster-rules.ts'
import { Findings } from '../../validate/findings.ts'
import { validFixture } from '../fixture.ts'

const valid = readFileSync(join(validFixture, 'clusters/blue/cluster.yaml'), 'utf8')

type Network = NonNullable<ClusterFile['network']> & {
  existing: NonNullable<NonNullable<ClusterFile['network']>['existing']>
}

const subnets = (first: number) =>
  [first, first + 1].map((number) => ({ id: `subnet-0000000${number}`, cidr: `172.21.${number}.0/24` }))

const sound = (): Network => ({
  zoneIds: ['use1-az1', 'use1-az2'],
  existing: {
    vpcId: 'vpc-0123456789abcdef0',
    cidr: '172.21.0.0/16',
    subnets: { private: subnets(1), loadBalancer: subnets(3), controlPlane: subnets(5) },
  },
})

/** `CODE the last words of the line hint` of each finding, for a network with a change. */
function findings(change: (network: Network) => void): string[] {
  const network = sound()
  change(network)
  const text = `${valid}${stringify({ network })}`
  const { file } = parseYaml('clusters/blue/cluster.yaml', text)
  if (file === undefined) throw new Error('the changed file is no YAML')
  const found = new Findings()
  checkClusterFile('blue', file, found)
  return found.diagnostics.map(
    ({ code, position, message }) => `${code} ${text.split('\n')[position.line - 1]?.trim()}: ${message}`,
  )
}

describe('a VPC that is there already', (test) => {
  test('that is sound is taken', () =>
    assert.equal(
      findings(() => {}),
      [],
    ))

  const mistakes: Record<string, [change: (network: Network) => void, says: RegExp]> = {
    'no zones': [
      (network) => {
        delete network.zoneIds
      },
      /^NETWORK_SUBNETS existing:: nothing says in which zones/,
    ],
    'fewer subnets than zones': [
      ({ existing }) => existing.subnets.loadBalancer.push({ id: 'subnet-00000009', cidr: '172.21.9.0/24' }),
      /^NETWORK_SUBNETS loadBalancer:: 3 subnets for 2 zones/,
    ],
    'a range for a VPC that is not made': [
      (network) => Object.assign(network, { vpcCidr: '10.0.0.0/16' }),
      /^NETWORK_SUBNETS vpcCidr: .*: the VPC is there already/,
    ],
    'a subnet of two roles': [
      ({ existing }) => Object.assign(existing.subnets.controlPlane[1] ?? {}, existing.subnets.private[0]),
      /^NETWORK_SUBNETS - id: subnet-00000001: subnet-00000001 is named twice/,
    ],
    'the range of another subnet': [
      ({ existing }) => Object.assign(existing.subnets.controlPlane[1] ?? {}, { cidr: '172.21.1.128/28' }),
      /^CIDR_OVERLAP cidr: 172\.21\.1\.128\/28: 172\.21\.1\.128\/28 overlaps subnet-00000001, 172\.21\.1\.0\/24/,
    ],
    'the addresses of Services': [
      ({ existing }) => Object.assign(existing.subnets.private[0] ?? {}, { cidr: '172.20.7.0/24' }),
      /^CIDR_OVERLAP cidr: .*Kubernetes Services/,
    ],
    'a range that begins elsewhere': [
      ({ existing }) => Object.assign(existing.subnets.private[0] ?? {}, { cidr: '172.21.1.7/24' }),
      /^CIDR_INVALID cidr: 172\.21\.1\.7\/24: 172\.21\.1\.7\/24 is not the beginning/,
    ],
    'a VPC range that begins elsewhere': [
      ({ existing }) => Object.assign(existing, { cidr: '172.21.1.0/16' }),
      /^CIDR_INVALID cidr: 172\.21\.1\.0\/16/,
    ],
  }
  for (const [what, [change, says]] of Object.entries(mistakes))
    test(`with ${what} is refused where that is`, () => {
      const [first, ...more] = findings(change)
      assert.match(first ?? '', says)
      assert.equal(more, [])
    })
})
