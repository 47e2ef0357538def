// The walk: every request ends as it must in every cluster, each broken is found, and a real gateway answers as the walk says.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withDefaults } from '../../../generators/schema/cluster-defaults.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import type { Resource } from '../../graph/graph.ts'
import { clusterFileOf, clusterNames, clusterOf, graphOf } from '../../test/graphs.ts'
import { type Case, casesOf } from '../cases.ts'
import { type Declared, type KubernetesObject, readRendered } from '../declared.ts'
import { expectedGateway } from '../expected-answer.ts'
import { gatewayEnvironment, numberSetting } from '../gateway-settings.ts'
import { startLive } from '../live.ts'
import { BrokenPath } from '../request.ts'
import { sampleCredentials } from '../sample-token.ts'
import { type Walked, walk } from '../walk.ts'

/** Prod behind a list of countries: its rendered objects do not depend on it. */
const behindCountries = withDefaults('prod', {
  ...clusterFileOf('prod'),
  edge: { ...clusterFileOf('prod').edge, geo: { mode: 'block', countries: ['AQ'] } },
})

/** Its HTTP API takes connections of CloudFront alone. */
const closedApi = withDefaults('prod', {
  ...clusterFileOf('prod'),
  edge: {
    ...clusterFileOf('prod').edge,
    mutualTls: {
      certificate: 'arn:aws:acm:us-east-1:444455556666:certificate/12345678-1234-1234-1234-123456789012',
      truststore: 's3://prod-truststore/authorities.pem',
    },
  },
})

const objectsOf = new Map(clusterNames.map((name) => [name, readRendered(sampleRoot, name)]))

async function declare(cluster = clusterOf('prod')): Promise<Declared> {
  return { cluster, graph: await graphOf(cluster), objects: objectsOf.get(cluster.name) ?? [] }
}

const carry = (declared: Declared, one: Case): Promise<Walked> => walk(declared, one.request, expectedGateway(declared))

const named = (cases: readonly Case[], name: string): Case => {
  const found = cases.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no case ${name}`)
  return found
}

const ends = ({ answer, answeredBy }: Walked) => ({ status: answer.status, by: answeredBy })

for (const [title, cluster] of [
  ...clusterNames.map((name) => [name, clusterOf(name)] as const),
  ['prod behind a list of countries', behindCountries] as const,
  ['prod with a closed API', closedApi] as const,
]) {
  describe(`a walk through ${title}`, (test) => {
    test('ends as it must for every request', async () => {
      const declared = await declare(cluster)
      const cases = casesOf(declared, sampleCredentials(declared))
      for (const one of cases.filter(({ absent }) => absent === undefined))
        assert.equal(ends(await carry(declared, one)), one.expected, one.name)
      assert.is(cases.length, 32)
    })

    test('has nine steps, whatever the lane', async () => {
      const declared = await declare(cluster)
      const cases = casesOf(declared, sampleCredentials(declared))
      for (const name of ['chat', 'streamed-chat', 'console']) {
        const { steps } = await carry(declared, named(cases, name))
        assert.equal(
          steps.map(({ number }) => number),
          [1, 2, 3, 4, 5, 6, 7, 8, 9],
        )
      }
    })

    test('waits at each hop longer than at the next one, on both lanes', async () => {
      const declared = await declare(cluster)
      const cases = casesOf(declared, sampleCredentials(declared))
      const waits = async (name: string) =>
        (await carry(declared, named(cases, name))).steps.flatMap(({ part, timeoutSeconds }) =>
          timeoutSeconds === undefined ? [] : [[part, timeoutSeconds]],
        )
      const environment = gatewayEnvironment(declared, named(cases, 'chat').request)
      const setting = (name: string) => numberSetting(environment, name)
      assert.equal(await waits('chat'), [
        ['CloudFront', 60],
        ['HTTP API', 30],
        ['ALB', 115],
      ])
      assert.is(setting('API_LANE_SECONDS'), 27)
      assert.equal(await waits('streamed-chat'), [
        ['CloudFront', 120],
        ['ALB', 115],
      ])
      const stream = ['PING_SECONDS', 'STALL_SECONDS', 'ANSWER_SECONDS', 'FIRST_BYTE_SECONDS'].map(setting)
      assert.equal([...stream, 115, 120], [15, 60, 100, 110, 115, 120])
      // Two pings may be late or lost before somebody on the way takes the stream for dead.
      assert.ok(3 * setting('PING_SECONDS') <= Math.min(115, 120, setting('CLIENT_IDLE_SECONDS')))
      assert.ok(setting('KEEP_ALIVE_SECONDS') > 115, 'the gateway never closes before the ALB')
    })
  })
}

describe('the README of the platform', (test) => {
  test('has the steps of both lanes in their order', async () => {
    const declared = await declare()
    const cases = casesOf(declared, sampleCredentials(declared))
    const lanes = await Promise.all(['chat', 'streamed-chat'].map((name) => carry(declared, named(cases, name))))
    const rows = [...readFileSync(join(root, 'platform/README.md'), 'utf8').matchAll(/^\| (\d) \| (.+?) \|/gm)]
    assert.is(rows.length, 9)
    for (const [, number, parts = ''] of rows)
      for (const { steps } of lanes) {
        const { part = '' } = steps.find((step) => step.number === Number(number)) ?? {}
        if (parts !== 'back') assert.match(parts, part)
      }
    assert.match(readFileSync(join(root, 'platform/README.md'), 'utf8'), `carries ${cases.length} requests`)
  })
})

describe('an identity that a client makes up', (test) => {
  test('is replaced on the api lane, with the proof of the edge', async () => {
    const declared = await declare()
    const { delivered } = await carry(
      declared,
      named(casesOf(declared, sampleCredentials(declared)), 'forged-identity'),
    )
    assert.is(delivered?.headers['x-auth-sub'], '1example23456789research')
    assert.is(delivered?.headers['x-origin-verify'], 'previous-value-of-the-origin-secret')
  })

  test('is gone from requests without a token', async () => {
    const declared = await declare()
    const one = named(casesOf(declared, sampleCredentials(declared)), 'console')
    const request = { ...one.request, headers: { 'x-auth-sub': 'somebody-else' } }
    const { delivered } = await walk(declared, request, expectedGateway(declared))
    assert.is(delivered?.headers['x-auth-sub'], undefined)
  })
})

type Change = (declared: { resources: Resource[]; objects: KubernetesObject[] }) => void

const without =
  (name: string): Change =>
  ({ resources }) => {
    const index = resources.findIndex((one) => one.name === name)
    if (index < 0) throw new Error(`no resource ${name}`)
    resources.splice(index, 1)
  }

const inputsOf = (resources: readonly Resource[], name: string): Record<string, unknown> => {
  const found = resources.find((one) => one.name === name && one.custom)
  if (found === undefined) throw new Error(`no resource ${name}`)
  return found.inputs
}

const setting =
  (name: string, inputs: Record<string, unknown>): Change =>
  ({ resources }) =>
    Object.assign(inputsOf(resources, name), inputs)

const changed =
  (kind: string, name: string, change: (object: KubernetesObject) => void): Change =>
  ({ objects }) => {
    const found = objects.find((one) => one.kind === kind && one.metadata.name === name)
    if (found === undefined) throw new Error(`no ${kind} ${name}`)
    change(found)
  }

const annotation = (key: string, value: string) => (object: KubernetesObject) => {
  object.metadata.annotations = { ...object.metadata.annotations, [`alb.ingress.kubernetes.io/${key}`]: value }
}

/** Way, what is taken away, and what the message must name. */
const holes: [request: string, broken: string, change: Change, message: RegExp][] = [
  ['chat', 'no rule that lets the VPC link in', without('prod-http-api-vpc-in'), /lets .* in on port 80/],
  ['chat', 'no rule that lets the VPC link out', without('prod-http-api-vpc-out'), /lets it out to port 80/],
  ['streamed-chat', 'no rule for the VPC origin', without('prod-stream-origin-in'), /lets .* in on port 80/],
  ['chat', 'no way from the ALB to the pods', without('prod-load-balancer-backend-in-http'), /port 8080/],
  ['chat', 'no way for health checks', without('prod-load-balancer-backend-out-admin'), /port 9090/],
  [
    'chat',
    'an integration without the VPC link',
    setting('prod-http-api-routes-with-open', { connectionId: 'x' }),
    /another way/,
  ],
  [
    'chat',
    'an integration to another listener',
    setting('prod-http-api-routes-with-token', { integrationUri: 'x' }),
    /misses the listener/,
  ],
  ['chat', 'a route to nowhere', setting('prod-http-api-routes-default', { target: 'integrations/x' }), /not there/],
  ['chat', 'a domain without stage', setting('prod-http-api-domain-mapping', { domainName: 'x' }), /no stage/],
  [
    'chat',
    'an HTTP API that asks for a certificate which CloudFront does not show',
    setting('prod-http-api-domain-name', { mutualTlsAuthentication: { truststoreUri: 's3://x/y' } }),
    /shows none/,
  ],
  [
    'chat',
    'a route with another authorizer',
    setting('prod-http-api-routes-default', { authorizerId: 'x' }),
    /no authorizer/,
  ],
  [
    'streamed-chat',
    'a VPC origin of another ALB',
    setting('prod-stream-origin-vpc-origin', { vpcOriginEndpointConfig: { arn: 'x' } }),
    /leads to x/,
  ],
  ['chat', 'a distribution without its firewall', setting('prod-edge-distribution', { webAclId: 'x' }), /not behind/],
  [
    'load-balancer',
    'an ALB with public addresses',
    setting('prod-load-balancer-alb', { internal: false }),
    /public addresses/,
  ],
  ['load-balancer', 'an ALB for everybody', setting('prod-stream-origin-in', { cidrIpv4: '0.0.0.0/0' }), /lets in 198/],
  [
    'chat',
    'another web ACL at the ALB',
    changed('IngressClassParams', 'slipway', (object) => {
      object.spec = { wafv2AclName: 'x' }
    }),
    /web ACL is x/,
  ],
  [
    'chat',
    'an Ingress of a class without web ACL',
    changed('Ingress', 'gateway', (object) => {
      object.spec = { ...(object.spec as object), ingressClassName: 'alb' }
    }),
    /web ACL is/,
  ],
  [
    'chat',
    'a health check that the pod does not know',
    changed('Ingress', 'gateway', annotation('healthcheck-path', '/x')),
    /asks \/x/,
  ],
  [
    'chat',
    'a Service that selects nothing',
    changed('Service', 'gateway', ({ spec }) => Object.assign(spec, { selector: { a: 'b' } })),
    /selects no Deployment/,
  ],
  [
    'chat',
    'a gateway that the ALB may not reach',
    changed('NetworkPolicy', 'gateway', ({ spec }) => Object.assign(spec, { ingress: [] })),
    /ALB at 10\.64\.\d+\.10 to the gateway/,
  ],
  [
    'chat',
    'a gateway that may not send',
    changed('NetworkPolicy', 'gateway', ({ spec }) => Object.assign(spec, { egress: [] })),
    /the gateway to tiny-stories/,
  ],
  [
    'chat',
    'a model that lets nobody in',
    changed('NetworkPolicy', 'tiny-stories', ({ spec }) => Object.assign(spec, { ingress: [] })),
    /the gateway to tiny-stories/,
  ],
  [
    'chat',
    'a model without Deployment',
    ({ objects }) => {
      const index = objects.findIndex(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'tiny-stories')
      objects.splice(index, 1)
    },
    /selects no Deployment/,
  ],
  [
    'chat',
    'a secret of another name',
    changed('ExternalSecret', 'origin-verify', ({ spec }) =>
      Object.assign(spec, { dataFrom: [{ extract: { key: 'x' } }] }),
    ),
    /reads x/,
  ],
]

describe('a broken', (test) => {
  for (const [name, broken, change, message] of holes)
    test(`${broken}: is found, and named`, async () => {
      const whole = await declare()
      const resources = structuredClone(whole.graph.resources)
      const objects = structuredClone(whole.objects) as KubernetesObject[]
      change({ resources, objects })
      const declared = { ...whole, graph: { ...whole.graph, resources }, objects }
      const one = named(casesOf(whole, sampleCredentials(whole)), name)
      try {
        await carry(declared, one)
      } catch (error) {
        assert.instance(error, BrokenPath)
        assert.match((error as BrokenPath).message, message)
        return
      }
      assert.unreachable('the walk went through')
    })

  test('is no broken: until Argo CD has synced, the listener answers 502 in JSON', async () => {
    const whole = await declare()
    const objects = whole.objects.filter(({ kind }) => kind !== 'Ingress')
    const one = named(casesOf(whole, sampleCredentials(whole)), 'chat')
    const walked = await carry({ ...whole, objects }, one)
    assert.equal(ends(walked), { status: 502, by: 'ALB' })
    assert.match(walked.answer.body, 'gateway_not_deployed')
  })
})

describe('a real gateway and model server at the end of the walk', (test) => {
  /** A tenth of the time: 2.7 s for the api lane, 3.1 s for the slow answer. */
  const pace = 10

  test('end together when one of them does not start', async () => {
    const running = () =>
      process.getActiveResourcesInfo().filter((one) => /^(TCPServerWrap|ProcessWrap)$/.test(one)).length
    const before = running()
    const declared = await declare()
    // No pace gives the gateway an endless limit, which it refuses.
    const error = await startLive(declared, 0).catch((one: Error) => one)
    assert.match(error instanceof Error ? error.message : '', 'ended with 1 before it was listening')
    for (let tries = 0; running() > before && tries < 200; tries += 1) await new Promise((next) => setTimeout(next, 10))
    assert.is(running(), before)
  })

  test(
    'answer every request as the walk says without them',
    async () => {
      const declared = await declare()
      const live = await startLive(declared, pace)
      try {
        const cases = casesOf(declared, live.credentials).filter(({ absent }) => absent === undefined)
        const walked = new Map<string, Walked>()
        for (const one of cases) walked.set(one.name, await walk(declared, one.request, live.gateway))
        for (const one of cases) assert.equal(ends(walked.get(one.name) as Walked), one.expected, one.name)
        const answer = (name: string) => (walked.get(name) as Walked).answer
        const { choices } = JSON.parse(answer('chat').body) as { choices: { message: { content: string } }[] }
        assert.match(choices[0]?.message.content ?? '', /\w+ \w+/)
        assert.ok(answer('streamed-chat').arrivals.length > 3, 'a stream comes in pieces')
        assert.match(answer('streamed-chat').body, /data: \[DONE\]\n\n$/)
        // One id from the edge to the answer; API Gateway’s ids end with an equals sign.
        assert.is(answer('chat').headers['x-request-id'], 'JKJaXmPLvHcESHA=')
        const limit = 'x-ratelimit-limit-requests'
        assert.ok(answer('streamed-chat').headers[limit])
        assert.is(answer('forged-identity-stream').headers[limit], answer('api-key-stream').headers[limit])
        assert.match(answer('console').headers['content-security-policy'] ?? '', /script-src 'self'/)
        assert.match(answer('slow').body, `https://${declared.cluster.domain}/stream`)
        assert.match(answer('preflight').headers['access-control-allow-methods'] ?? '', 'POST')
      } finally {
        await live.stop()
      }
    },
    { timeoutSeconds: 60 },
  )
})

describe('npm run walk', (test) => {
  const run = (args: readonly string[]): Promise<{ code: number; out: string; log: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, 'platform/walk/main.ts'), ...args],
        { cwd: sampleRoot, maxBuffer: 10_000_000 },
        (failure, out, log) => resolve({ code: failure ? Number(failure.code) : 0, out, log }),
      )
    })

  test('prints the steps of every request in 80 columns', async () => {
    const { code, out } = await run(['--cluster', 'dev'])
    assert.is(code, 0)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    assert.match(out, /dev: \d+ requests along \d+ resources, all as they must be\n$/)
    assert.match(out, /^rate-limit: request 101 without credentials of one address/m)
  })

  test('gives one request as JSON', async () => {
    const { out } = await run(['--cluster', 'prod', '--case', 'no-token', '--json'])
    const { version, ok, summary, ...printed } = JSON.parse(out)
    assert.equal([version, ok, summary.cluster], [1, true, 'prod'])
    const [result, ...more] = printed.result.cases as { case: string; status: number; by: string; right: boolean }[]
    assert.is(more.length, 0)
    assert.equal([result?.case, result?.status, result?.by, result?.right], ['no-token', 401, 'HTTP API', true])
  })

  test('says what there is when a name is wrong, without a stack trace', async () => {
    for (const [args, message] of [
      [[], /which cluster/],
      [['--cluster', 'moon'], /clusters\/moon\/cluster\.yaml is not there/],
      [['--cluster', 'dev', '--case', 'chatt'], /did you mean chat\?/],
    ] as const) {
      const { code, log } = await run(args)
      assert.is(code, 1)
      assert.match(log, message)
      assert.not.match(log, /\n {4}at /)
    }
  })
})
