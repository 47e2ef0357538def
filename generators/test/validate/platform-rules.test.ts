// What the rules about network, region and domain say of cluster files, beyond the one example that each code has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { parseYaml } from '../../load/parse-source.ts'
import { overlap } from '../../schema/network.ts'
import { regions } from '../../schema/regions.ts'
import { checkClusterFile } from '../../validate/cluster-rules.ts'
import { Findings } from '../../validate/findings.ts'
import { validFixture } from '../fixture.ts'

const valid = readFileSync(join(validFixture, 'clusters/blue/cluster.yaml'), 'utf8')

/** `CODE line hint` of each finding, for the valid file with a change. */
function findings(change: (text: string) => string, name = 'blue'): string[] {
  const { file } = parseYaml(`clusters/${name}/cluster.yaml`, change(valid))
  if (file === undefined) throw new Error('the changed file is no YAML')
  const found = new Findings()
  checkClusterFile(name, file, found)
  return found.diagnostics.map(({ code, position, hint }) => `${code} ${position.line} ${hint}`)
}

const add = (line: string) => (text: string) => `${text}${line}\n`
const matches = (found: string[], ...wanted: RegExp[]) => {
  assert.is(found.length, wanted.length, found.join('\n'))
  for (const [index, pattern] of wanted.entries()) assert.match(found[index] ?? '', pattern)
}

describe('cluster names', (test) => {
  for (const name of ['eu-production', 'a', 'x'.repeat(24)]) {
    test(`${name} is fine`, () => assert.equal(findings(String, name), []))
  }
  for (const name of ['x'.repeat(25), '9lives', 'Blue', 'blue_green', 'blue-']) {
    test(`${name} is refused`, () => matches(findings(String, name), /^CLUSTER_NAME 1 rename it/))
  }
})

describe('zones', (test) => {
  test('more than the region has are refused where the number stands', () => {
    const small = (text: string) => text.replace('us-east-1', 'us-west-1').replace('l4: 4', 't4: 4')
    matches(findings((text) => small(text)))
    matches(
      findings((text) => small(add('network: { zones: 3 }')(text))),
      /^ZONE_UNSUPPORTED 12 write network.zones: 2/,
    )
    matches(
      findings((text) => small(text).replace('environment: dev', 'environment: prod')),
      /^ZONE_UNSUPPORTED 4 write network.zones: 2/,
    )
  })

  test('of another region are refused, each', () => {
    const found = findings(add('network: { zoneIds: [euc1-az1, use1-az6, use1-az3] }'))
    matches(found, /^ZONE_UNSUPPORTED 12 .*use1-az1/, /^ZONE_UNSUPPORTED 12 /)
  })

  test('of every known region are enough for two', () => {
    for (const { zoneIds } of Object.values(regions)) assert.ok(zoneIds.length >= 2)
  })
})

describe('address ranges', (test) => {
  test('must be ranges', () => {
    const found = findings(add('network: { reservedCidrs: [300.1.0.0/16, 10.9.0.0/40, 10.1.2.3/24] }'))
    matches(found, /^CIDR_INVALID 12 four/, /^CIDR_INVALID 12 four/, /^CIDR_INVALID 12 did you mean 10\.1\.2\.0\/24/)
  })

  test('may not overlap the addresses of Services either', () => {
    matches(findings(add('network: { reservedCidrs: [172.16.0.0/12] }')), /^CIDR_OVERLAP 12 /)
  })

  test('that overlap the VPC are answered with one that does not', () => {
    const reserved = ['10.0.0.0/12', '10.16.0.0/16']
    const [found = ''] = findings(add(`network: { reservedCidrs: [${reserved.join(', ')}] }`))
    const free = /vpcCidr: (\S+) is free/.exec(found)?.[1] ?? ''
    assert.is(free, '10.17.0.0/16')
    for (const cidr of reserved) assert.not(overlap(free, cidr))
  })

  test('overlap is symmetric, and every range overlaps itself', () => {
    const range = fc
      .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 28 }))
      .map(([a, b, p]) => `10.${a}.${b}.0/${p}`)
    fc.assert(
      fc.property(range, range, (one, other) => {
        assert.is(overlap(one, other), overlap(other, one))
        assert.ok(overlap(one, one))
      }),
    )
  })
})

describe('the hosted zone', (test) => {
  for (const [domain, zone] of [
    ['models.example.com', 'example.com'],
    ['models.dev.example.com', 'dev.example.com'],
    ['example.com', 'example.com'],
  ] as const) {
    test(`of ${domain} is ${zone} unless the file says otherwise`, () => {
      const { file } = parseYaml('clusters/blue/cluster.yaml', valid.replace('blue.example.com', domain))
      if (file === undefined) throw new Error('the changed file is no YAML')
      const found = new Findings()
      assert.is(checkClusterFile('blue', file, found)?.edge.hostedZone, zone)
      assert.equal(found.diagnostics, [])
    })
  }
})

describe('certificates', (test) => {
  const certificates = (edge: string, api: string) =>
    add(
      `edge: { certificates: { edge: "arn:aws:acm:${edge}:certificate/1-2", api: "arn:aws:acm:${api}:certificate/1-2" } }`,
    )

  test('of the right regions are fine, and then the zone does not matter', () => {
    assert.equal(findings(certificates('us-east-1:111122223333', 'us-east-1:111122223333')), [])
  })

  test('of another account are refused', () => {
    matches(findings(certificates('us-east-1:999999999999', 'us-east-1:111122223333')), /^CERTIFICATE_REGION 12 /)
  })

  test('for the API are wanted in the cluster’s region', () => {
    const moved = (text: string) =>
      certificates('us-east-1:111122223333', 'us-east-1:111122223333')(text).replace('us-east-1', 'us-west-2')
    matches(findings(moved), /^CERTIFICATE_REGION 12 .*--region us-west-2/)
  })
})
