// Subnet planning: every block inside the VPC, none overlapping another.
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { planSubnets } from '../../schema/network.ts'

const range = (cidr: string): [number, number] => {
  const [address = '', prefix] = cidr.split('/')
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return [start, start + 2 ** (32 - Number(prefix))]
}

describe('planSubnets', (test) => {
  test('gives one block of each kind per zone, inside the VPC, aligned, without overlap', () => {
    const vpcs = fc.record({
      second: fc.nat(255),
      third: fc.nat(15),
      prefix: fc.constantFrom(16, 17, 18, 19, 20),
      zones: fc.constantFrom(2, 3),
    })
    fc.assert(
      fc.property(vpcs, ({ second, third, prefix, zones }) => {
        const vpc = `10.${second}.${prefix === 16 ? 0 : third * 16}.0/${prefix}`
        const plan = planSubnets(vpc, zones)
        const size = 2 ** (32 - prefix)
        const vpcStart = Math.floor(range(vpc)[0] / size) * size
        const blocks = [...plan.private, ...plan.public, ...plan.loadBalancer, ...plan.controlPlane]
          .map(range)
          .sort((a, b) => a[0] - b[0])
        assert.is(blocks.length, 4 * zones)
        for (const [index, [start, end]] of blocks.entries()) {
          assert.is(start % (end - start), 0)
          assert.ok(start >= vpcStart && end <= vpcStart + size)
          assert.ok(index === 0 || start >= (blocks[index - 1]?.[1] ?? 0))
        }
      }),
    )
  })

  test('is what network policies of a /16 name', () => {
    const { loadBalancer, controlPlane } = planSubnets('10.64.0.0/16', 3)
    assert.equal(loadBalancer, ['10.64.208.0/24', '10.64.209.0/24', '10.64.210.0/24'])
    assert.equal(controlPlane, ['10.64.212.0/28', '10.64.212.16/28', '10.64.212.32/28'])
  })
})
