// What the rules about network, region and domain say of cluster files, beyond the one example that each code has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { parseYaml } from '../../load/parse-source.ts'
import { countries, usualMistakes } from '../../schema/countries.ts'
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
  test('more than the region has are refused where the number is', () => {
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

describe('mutual TLS towards the HTTP API', (test) => {
  const shown = (certificate: string, more = '') =>
    findings(add(`edge: { mutualTls: { certificate: "arn:aws:acm:${certificate}:certificate/1-2"${more} } }`))

  test('wants a certificate in us-east-1 of the account', () => {
    matches(shown('us-east-1:111122223333'))
    matches(shown('eu-central-1:111122223333'), /^CERTIFICATE_REGION 12 .*import-certificate --region us-east-1/)
    matches(shown('us-east-1:999999999999'), /^CERTIFICATE_REGION 12 /)
  })

  test('wants a truststore that the role that applies may read', () => {
    matches(shown('us-east-1:111122223333', ', truststore: "s3://blue-authorities/all.pem"'))
    matches(
      shown('us-east-1:111122223333', ', truststore: "s3://red-authorities/all.pem"'),
      /^TRUSTSTORE_BUCKET 12 .*blue-/,
    )
    matches(shown('us-east-1:111122223333', ', truststore: "https://blue-authorities/all.pem"'), /^FIELD_VALUE 12 /)
  })
})

describe('countries', (test) => {
  test('are the 249 of ISO 3166-1', () => {
    assert.is(countries.size, 249)
    // The list of the JavaScript engine says the same, and a few codes that are no countries.
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
    assert.equal(
      [...countries].filter((code) => names.of(code) === undefined),
      [],
    )
  })

  test('that people get wrong get the right code', () => {
    const geo = (code: string) => add(`edge: { geo: { mode: allow, countries: [${code}] } }`)
    matches(findings(geo('US')))
    matches(findings(geo('US, UK')), /^COUNTRY_UNKNOWN 12 did you mean "GB"/)
    matches(findings(geo('US, XX')), /^COUNTRY_UNKNOWN 12 two letters of ISO 3166-1/)
    for (const [wrong, right] of Object.entries(usualMistakes)) {
      assert.ok(!countries.has(wrong) && countries.has(right), wrong)
    }
  })
})

describe('the canary', (test) => {
  const geo = (region: string, mode: string, codes: string) => (text: string) =>
    add(`edge: { geo: { mode: ${mode}, countries: [${codes}] } }`)(text.replace('us-east-1', region))

  test('asks from the country of its region, which must be let in', () => {
    matches(findings(geo('eu-west-2', 'allow', 'DE, FR')), /^CANARY_COUNTRY 12 add GB to edge.geo.countries/)
    matches(findings(geo('eu-west-2', 'allow', 'DE, GB')))
    matches(findings(geo('ap-south-1', 'block', 'AQ, IN')), /^CANARY_COUNTRY 12 take IN out of edge.geo.countries/)
    matches(findings(geo('ap-south-1', 'block', 'AQ')))
  })

  test('has a country in every region', () => {
    for (const { country } of Object.values(regions)) assert.ok(countries.has(country), country)
  })
})

describe('logs', (test) => {
  const kept = (days: string) => findings(add(`monitoring: { logRetentionDays: ${days} }`))

  test('are kept for a number of days that CloudWatch takes', () => {
    for (const days of ['1', '90', '365', '3653']) matches(kept(days))
    matches(kept('45'), /^LOG_RETENTION 12 write 30 or 60$/)
    matches(kept('2'), /^LOG_RETENTION 12 write 1 or 3$/)
    matches(kept('0'), /^FIELD_VALUE 12 /)
    matches(kept('4000'), /^FIELD_VALUE 12 /)
    matches(kept('a year'), /^FIELD_TYPE 12 /)
  })
})

describe('domains', (test) => {
  const domain = (name: string) => (text: string) => text.replace('domain: blue.example.com', `domain: ${name}`)

  test('are as long as the certificate of the HTTP API allows', () => {
    const long = (length: number) => `${'a'.repeat(length - '.example.com'.length)}.example.com`
    matches(findings(domain(long(60))))
    matches(findings(domain(long(61))), /^DOMAIN_INVALID 3 a domain of at most 60 characters/)
    const certificate = (region: string) =>
      `arn:aws:acm:${region}:111122223333:certificate/12345678-1234-1234-1234-123456789012`
    const own = add(
      `edge: { certificates: { edge: '${certificate('us-east-1')}', api: '${certificate('us-east-1')}' } }`,
    )
    matches(findings((text) => own(domain(long(61))(text))))
  })

  test('have no empty or broken parts', () => {
    for (const name of ['blue..example.com', '-blue.example.com', `${'a'.repeat(64)}.com`, '.example.com']) {
      const found = findings(domain(name))
      assert.match(found[0] ?? '', /^DOMAIN_INVALID 3 between two dots/)
    }
  })
})

describe('account numbers', (test) => {
  test('have twelve digits, in quotes', () => {
    const account = (text: string) => (file: string) => file.replace('"111122223333"', text)
    matches(findings(account('"1111-2222-3333"')), /^FIELD_VALUE 2 /)
    matches(findings(account('111122223333')), /^FIELD_TYPE 2 /)
    matches(findings(account('"11112222333"')), /^FIELD_VALUE 2 /)
  })
})

describe('ranges that may reach the Kubernetes API', (test) => {
  test('are public, since EKS takes no others', () => {
    const open = (cidr: string) => findings(add(`kubernetesApi: { publicCidrs: [${cidr}] }`))
    matches(open('203.0.113.7/32'))
    for (const cidr of ['10.1.0.0/16', '172.31.0.0/16', '192.168.1.0/24', '100.64.0.0/24']) {
      matches(open(cidr), /^CIDR_NOT_PUBLIC 12 write the public address/)
    }
    matches(open('10.0.0.0/8'), /^KUBERNETES_API_OPEN 12 /)
  })
})
