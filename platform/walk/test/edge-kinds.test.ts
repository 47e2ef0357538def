// Edges without CloudFront: rendered, walked and refused as they must be, before a real gateway too; and what breaks them is found.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { renderRepository } from '../../../generators/pipeline.ts'
import type { EdgeKind } from '../../../generators/schema/edge-kinds.ts'
import { validFixture, withRepository } from '../../../generators/test/fixture.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { ofType } from '../../graph/graph.ts'
import { casesOf } from '../cases.ts'
import type { Declared, KubernetesObject } from '../declared.ts'
import { expectedGateway } from '../expected-answer.ts'
import { gatewayEnvironment } from '../gateway-settings.ts'
import { startLive } from '../live.ts'
import { BrokenPath } from '../request.ts'
import { sampleCredentials } from '../sample-token.ts'
import { type Walked, walk } from '../walk.ts'
import { declareWith } from './declare-with.ts'
import { expectPredictedEnds } from './expect-ends.ts'

const inside = await declareWith('keycloak', {}, { edge: { kind: 'none', clientCidrs: ['10.100.0.0/16'] } })
const api = await declareWith('keycloak', {}, { edge: { kind: 'api' } })
const both = { none: inside, api }

const named = (declared: Declared, name: string, credentials = sampleCredentials(declared)) => {
  const found = casesOf(declared, credentials).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no case ${name}`)
  return found
}

const carry = (declared: Declared, name: string): Promise<Walked> =>
  walk(declared, named(declared, name).request, expectedGateway(declared))

const absent = (declared: Declared): string[] =>
  casesOf(declared, sampleCredentials(declared)).flatMap(({ name, absent: why }) => (why === undefined ? [] : [name]))

const objectOf = ({ objects }: Declared, kind: string, name: string): KubernetesObject => {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

const environmentOf = (declared: Declared) => gatewayEnvironment(declared, { path: '/', host: declared.cluster.domain })

for (const kind of ['none', 'api'] as const) {
  const declared = both[kind]
  describe(`an edge of the kind ${kind}`, (test) => {
    test('is walked to the end that every request must have', async () => {
      const cases = await expectPredictedEnds(declared)
      assert.is(cases.length, { none: 29, api: 18 }[kind])
    })

    test(
      'leads to the answers of a real gateway',
      async () => {
        const live = await startLive(declared, 20)
        // Those that are slow are slow for real, at a pace of twenty.
        const wanted =
          /^(?:chat|streamed-chat|gathered-stream|slow|slow-stream-path|upload|preflight|console|canary|outside|plain-http|(?:no-token|stranger|elliptic|api-key|forged-identity)(?:-stream)?)$/
        try {
          const cases = casesOf(declared, live.credentials).filter(
            (one) => one.absent === undefined && wanted.test(one.name),
          )
          assert.is(cases.length, { none: 18, api: 13 }[kind])
          for (const one of cases) {
            const { answer, answeredBy } = await walk(declared, one.request, live.gateway)
            assert.equal({ status: answer.status, by: answeredBy }, one.expected, `${one.name}: ${answer.body}`)
          }
        } finally {
          await live.stop()
        }
      },
      { timeoutSeconds: 90 },
    )

    test('has a gateway that asks for no origin secret, and still mounts it for the smoke tests', async () => {
      const { ORIGIN_CHECK, ORIGIN_SECRET_FOLDER, API_LANE, STREAM_LANE } = environmentOf(declared)
      assert.equal([ORIGIN_CHECK, STREAM_LANE, API_LANE], ['false', 'false', kind === 'none' ? 'false' : undefined])
      assert.is(ORIGIN_SECRET_FOLDER, '/var/run/slipway/origin-secret')
      const { delivered } = await carry(declared, 'chat')
      assert.is(delivered?.headers['x-origin-verify'], undefined)
    })

    test('blocks at the load balancer what its firewall finds', async () => {
      const { answer, answeredBy, steps } = await carry(declared, 'code-elsewhere')
      assert.equal([answer.status, answeredBy], [403, 'WAF'])
      assert.is(steps.at(-1)?.resource, 'dev-regional-firewall-acl')
    })
  })
}

describe('the load balancer alone', (test) => {
  test('is reached in five steps, with TLS and a certificate of the class of the Ingresses', async () => {
    const { steps } = await carry(inside, 'streamed-chat')
    assert.equal(
      steps.map(({ number, part }) => `${number} ${part}`),
      ['4 network', '5 ALB', '6 gateway pod', '7 model pod', '8 ALB'],
    )
    const { certificateArn, sslPolicy } = objectOf(inside, 'IngressClassParams', 'slipway').spec
    assert.match(JSON.stringify(certificateArn), /^\["arn:aws:acm:/)
    assert.is(sslPolicy, 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06')
    for (const name of ['anchor', 'gateway'])
      assert.is(
        objectOf(inside, 'Ingress', name).metadata.annotations?.['alb.ingress.kubernetes.io/listen-ports'],
        '[{"HTTPS":443}]',
      )
  })

  test('shows a certificate of one’s own, and leaves its record to whose it is', async () => {
    const edge = 'arn:aws:acm:us-east-1:111122223333:certificate/87654321-1234-1234-1234-123456789012'
    const own = await declareWith('keycloak', {}, { edge: { kind: 'none', certificates: { edge } } })
    assert.equal(objectOf(own, 'IngressClassParams', 'slipway').spec.certificateArn, [edge])
    assert.is(own.graph.outputs.certificateArn, edge)
    for (const type of ['aws:acm/certificate:Certificate', 'aws:route53/record:Record'])
      assert.equal(ofType(own.graph, type), [])
    await expectPredictedEnds(own)
  })

  test('has no lane that ends an answer after 30 s, and no part that asks from the internet', () =>
    assert.equal(absent(inside).sort(), ['api-domain', 'canary', 'country', 'execute-api', 'get-with-body']))
})

describe('the HTTP API alone', (test) => {
  test('is reached in six steps, and gathers what wants to be a stream', async () => {
    const { steps } = await carry(api, 'gathered-stream')
    assert.equal(
      steps.map(({ number, part }) => `${number} ${part}`),
      ['3 HTTP API', '4 VPC link', '5 ALB', '6 gateway pod', '7 model pod', '8 HTTP API'],
    )
    assert.match(steps.at(-1)?.says ?? '', /gathers the whole answer/)
  })

  test('has no streams, no limits of an address, and no name but the domain', () => {
    const names = absent(api)
    assert.is(names.filter((name) => /stream/.test(name)).length, 9)
    assert.equal(names.filter((name) => !/stream/.test(name)).sort(), [
      'abuse-limit',
      'api-domain',
      'country',
      'get-with-body',
      'rate-limit',
      'tenant-rate',
      'tenant-rate-key',
    ])
  })
})

describe('what breaks an edge without CloudFront', (test) => {
  const changedGraph = (declared: Declared, change: (copy: Declared['graph']) => void): Declared => {
    const graph = structuredClone(declared.graph)
    change(graph)
    return { ...declared, graph }
  }

  const changedObject = (declared: Declared, kind: string, name: string, change: (copy: KubernetesObject) => void) => ({
    ...declared,
    objects: declared.objects.map((one) => {
      if (one.kind !== kind || one.metadata.name !== name) return one
      const copy = structuredClone(one)
      change(copy)
      return copy
    }),
  })

  const breaks: [what: string, broken: Declared, name: string, says: RegExp][] = [
    [
      'an Ingress that wants another listener',
      changedObject(inside, 'Ingress', 'gateway', ({ metadata }) => {
        Object.assign(metadata.annotations ?? {}, { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80}]' })
      }),
      'chat',
      /Ingress gateway\/gateway wants .*HTTP.*80/,
    ],
    [
      'a class without a certificate',
      changedObject(inside, 'IngressClassParams', 'slipway', ({ spec }) => {
        delete spec.certificateArn
      }),
      'chat',
      /names no certificate/,
    ],
    [
      'a name that leads elsewhere',
      changedGraph(inside, (graph) => {
        for (const { inputs } of ofType(graph, 'aws:route53/record:Record'))
          if (inputs.aliases !== undefined) inputs.aliases = [{ name: 'elsewhere' }]
      }),
      'chat',
      /no record leads from models\.dev\.example\.com/,
    ],
    [
      'a listener without TLS',
      changedGraph(inside, (graph) => {
        for (const { inputs } of ofType(graph, 'aws:lb/listener:Listener')) inputs.protocol = 'HTTP'
      }),
      'chat',
      /speaks HTTP/,
    ],
    [
      'a VPC link that the load balancer does not let in',
      changedGraph(api, (graph) => {
        graph.resources = graph.resources.filter(({ name }) => name !== 'dev-http-api-vpc-in')
      }),
      'chat',
      /lets .* in on port 80/,
    ],
  ]
  for (const [what, broken, name, says] of breaks)
    test(`is found: ${what}`, async () => {
      try {
        await walk(broken, named(broken, name).request, expectedGateway(broken))
        assert.unreachable(what)
      } catch (error) {
        assert.instance(error, BrokenPath)
        assert.match((error as Error).message, says)
      }
    })

  test('is found: a range that is let in and not named', async () => {
    const open = changedGraph(inside, (graph) => {
      for (const { inputs } of ofType(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule'))
        if (inputs.fromPort === 443 && inputs.cidrIpv4 === '10.100.0.0/16') inputs.cidrIpv4 = '0.0.0.0/0'
    })
    const { answer } = await carry(open, 'outside')
    assert.is.not(answer.status, named(open, 'outside').expected.status)
  })
})

describe('what a cluster file says of an edge', (test) => {
  const asItIs = (text: string): string => text

  const problems = (edge: object, more: object = {}, infra = asItIs, file = asItIs): string[] =>
    withRepository(validFixture, ({ root: folder, read, write }) => {
      const path = 'clusters/blue/cluster.yaml'
      write(path, `${file(read(path))}${stringify({ edge, ...more })}`)
      write('clusters/blue/infra.json', infra(read('clusters/blue/infra.json')))
      return renderRepository(folder, { models: [], clusters: ['blue'] }).diagnostics.map(
        ({ code, message, hint }) => `${code} ${message} -> ${hint}`,
      )
    })

  const arn = (region: string) => `arn:aws:acm:${region}:111122223333:certificate/12345678-1234-1234-1234-123456789012`
  const canary = { monitoring: { canary: { tokenUrl: 'https://example.com/token', clientId: 'canary' } } }
  const geo = { mode: 'block', countries: ['AQ'] }
  const cases: [
    what: string,
    edge: { kind: EdgeKind; [field: string]: unknown },
    says: RegExp | undefined,
    more?: object,
  ][] = [
    ['the load balancer alone', { kind: 'none', clientCidrs: ['10.0.0.0/8'], rateLimit: 50 }, undefined],
    ['the HTTP API alone', { kind: 'api' }, undefined],
    ['a certificate of the region', { kind: 'none', certificates: { edge: arn('us-east-1') } }, undefined],
    ['countries', { kind: 'api', geo }, /^EDGE_KIND edge\.geo means nothing with edge\.kind api: CloudFront alone/],
    ['a lane', { kind: 'api', streamLane: true }, /^EDGE_KIND .*edge\.streamLane means nothing/],
    [
      'a rate of addresses',
      { kind: 'api', rateLimit: 50 },
      /^EDGE_KIND .*VPC link alone.*edge\.kind: cloudfront or none/,
    ],
    ['ranges of clients', { kind: 'api', clientCidrs: ['10.0.0.0/8'] }, /^EDGE_KIND .*come in from the internet/],
    ['a private zone', { kind: 'cloudfront', privateZone: true }, /^EDGE_KIND .*find the name in the internet/],
    ['a canary with a token', { kind: 'none' }, /^EDGE_KIND .*monitoring\.canary means nothing|^CANARY_CLIENT/, canary],
    [
      'a certificate of api.DOMAIN',
      { kind: 'none', certificates: { edge: arn('us-east-1'), api: arn('us-east-1') } },
      /^EDGE_KIND .*there is no api\.DOMAIN/,
    ],
    [
      'one certificate for two names',
      { kind: 'cloudfront', certificates: { edge: arn('us-east-1') } },
      /^EDGE_KIND .*write api/,
    ],
    [
      'a certificate of elsewhere',
      { kind: 'none', certificates: { edge: arn('eu-west-1') } },
      /^CERTIFICATE_REGION .*the load balancer reads it in us-east-1/,
    ],
    [
      'a private zone of another domain',
      {
        kind: 'none',
        privateZone: true,
        hostedZone: 'other.example',
        certificates: { edge: arn('us-east-1') },
      },
      /^DOMAIN_OUTSIDE_ZONE /,
    ],
    [
      'a range that is none',
      { kind: 'none', clientCidrs: ['10.0.0.1/8'] },
      /^CIDR_INVALID .*did you mean 10\.0\.0\.0\/8/,
    ],
    ['clients in the internet', { kind: 'none', clientCidrs: ['203.0.113.0/24'] }, /^CIDR_NOT_PRIVATE /],
  ]
  for (const [what, edge, says, more] of cases)
    test(`${what} with ${edge.kind} is ${says === undefined ? 'taken' : 'refused'}`, () => {
      const found = problems(edge, more)
      if (says === undefined) assert.equal(found, [])
      else {
        assert.ok(found.length > 0)
        for (const one of found) assert.match(one, says)
      }
    })

  test('a limit of a tenant is compared with what is in front', () => {
    const found = (edge: object, requestsPerMinute: number): string[] =>
      withRepository(validFixture, ({ root: folder, read, write }) => {
        const path = 'clusters/blue/cluster.yaml'
        write(path, `${read(path)}${stringify({ edge })}`)
        const team = 'apps/tenants/team.yaml'
        write(team, read(team).replace('requestsPerMinute: 60', `requestsPerMinute: ${requestsPerMinute}`))
        const { diagnostics } = renderRepository(folder, { models: [], clusters: ['blue'] })
        return diagnostics.map(({ message }) => message)
      })
    const address = (limit: number) => [`blue: of ${limit} requests a minute the edge takes from one address 2000`]
    assert.equal(found({}, 2500), address(2500))
    assert.equal(found({ kind: 'none' }, 4000), address(4000))
    assert.equal(found({ kind: 'api' }, 2500), [])
    assert.equal(found({ kind: 'api' }, 4000), [
      'blue: of 4000 requests a minute the HTTP API takes from all callers 3000',
    ])
    assert.equal(found({ kind: 'none', abuseLimit: 5000 }, 4000), [])
  })

  test('the page says what synth accepts', () => {
    const page = readFileSync(join(root, 'docs/bring-your-own.md'), 'utf8')
    const example = /## An edge without CloudFront\n\n```yaml\n([\s\S]*?)```/.exec(page)?.[1]
    const { edge } = parse(example ?? '') as { edge: object }
    const found = problems(edge, {}, undefined, (text) => text.replace('blue.example.com', 'models.corp.example.com'))
    assert.equal(found, [])
  })

  test('a certificate of another region in infra.json is refused once it is that of a platform', () => {
    const elsewhere = (text: string) => text.replace('"example"', '"applied"').replace('acm:us-east-1', 'acm:eu-west-1')
    assert.match(
      problems({ kind: 'none' }, {}, elsewhere).join(),
      /INFRA_MISMATCH .*the certificate is not in us-east-1/,
    )
  })
})
