// The collector of a cluster whose file says so: what is rendered of it, and that a real one with this configuration passes a trace on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { FakeEngine } from '../../../gateway/test/fake-engine.ts'
import { chat, until } from '../../../gateway/test/harness.ts'
import { GatewayProcess, startIdentityProvider } from '../../../gateway/test/process.ts'
import {
  attributeOf,
  type CollectorConfig,
  collectorProgram,
  RealCollector,
  withoutCollector,
} from '../../../gateway/test/real-collector.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { collectorUrl } from '../../schema/collector.ts'
import { repositoryRoot, validFixture, withRepository } from '../fixture.ts'

const addon = 'apps/addons/opentelemetry-collector.yaml'

interface Rendered {
  spec: {
    source: { helm: { valuesObject: { alternateConfig: CollectorConfig & { extensions: object } } } }
    ingress: { from: { namespaceSelector: { matchLabels: object } }[]; ports: { port: number }[] }[]
    egress: { to: object[]; ports: { port: number }[] }[]
    template: { spec: { containers: { args: string[]; env: { name: string; value?: string }[] }[] } }
  }
  metadata: { labels: Record<string, string> }
}

/** What is rendered of the fixture’s cluster, which has the add-on file of this repository, with that in its file. */
const renderedWith = (section: string, files: readonly string[] = [addon]) =>
  withRepository(validFixture, ({ root, write, read }) => {
    for (const file of files) write(file, readFileSync(join(repositoryRoot, file)))
    const file = 'clusters/blue/cluster.yaml'
    write(file, `${read(file)}${section}`)
    const { files: rendered, diagnostics } = renderRepository(root, everything)
    const text = (path: string) => rendered.find((one) => one.path === `clusters/blue/rendered/${path}`)?.text
    return { text, diagnostics, object: (path: string) => parse(text(path) ?? '{}') as Rendered }
  })

const application = 'argocd/application-opentelemetry-collector.yaml'
const policy = 'namespace-defaults/networkpolicy-telemetry-collector.yaml'

const configOf = ({ object }: ReturnType<typeof renderedWith>) =>
  object(application).spec.source.helm.valuesObject.alternateConfig

describe('the collector of a cluster', (test) => {
  const toXray = renderedWith('telemetry: { collector: xray }\n')
  const outside = renderedWith('telemetry: { collector: "https://otlp.example.com:4317" }\n')

  test('is installed when the cluster file names its target, and only then', () => {
    assert.equal([toXray.diagnostics, outside.diagnostics], [[], []])
    for (const section of ['', `telemetry: { otlpEndpoint: https://otlp.example.com }\n`]) {
      const without = renderedWith(section)
      assert.equal(without.diagnostics, [])
      assert.equal([without.text(application), without.text(policy)], [undefined, undefined])
    }
  })

  test('is where gateway and engines send', () => {
    const [gateway] = toXray.object('gateway/deployment-gateway.yaml').spec.template.spec.containers
    assert.is(gateway?.env.find(({ name }) => name === 'OTLP_ENDPOINT')?.value, collectorUrl)
    const [engine] = toXray.object('model-chat/deployment-chat.yaml').spec.template.spec.containers
    assert.ok(engine?.args.includes(`--otlp-traces-endpoint=${collectorUrl}/v1/traces`))
  })

  test('sends to X-Ray with a signature, elsewhere without one', () => {
    assert.equal(configOf(toXray).exporters?.otlp_http, {
      endpoint: 'https://xray.us-east-1.amazonaws.com',
      auth: { authenticator: 'sigv4auth' },
    })
    assert.equal(configOf(outside).exporters?.otlp_http, { endpoint: 'https://otlp.example.com:4317' })
    assert.not.ok('sigv4auth' in configOf(outside).extensions)
  })

  test('is reached by gateway and engines alone, and reaches its target alone', () => {
    const { ingress, egress } = toXray.object(policy).spec
    assert.equal(
      ingress.flatMap(({ from, ports }) => from.map(({ namespaceSelector }) => [namespaceSelector.matchLabels, ports])),
      ['gateway', 'models'].map((name) => [{ 'kubernetes.io/metadata.name': name }, [{ port: 4318, protocol: 'TCP' }]]),
    )
    assert.equal(
      egress.map(({ ports }) => ports.map(({ port }) => port)),
      [[443], [80]],
    )
    assert.equal(egress[1]?.to, [{ ipBlock: { cidr: '169.254.170.23/32' } }])
    assert.equal(
      outside.object(policy).spec.egress.map(({ ports }) => ports.map(({ port }) => port)),
      [[4317]],
    )
    const { labels } = toXray.object('namespaces/namespace-telemetry.yaml').metadata
    assert.is(labels['pod-security.kubernetes.io/enforce'], 'restricted')
  })

  test('must be there, and be the only place that traces go to', () => {
    const codesOf = (section: string, files?: readonly string[]) =>
      renderedWith(section, files).diagnostics.map(({ code, message }) => `${code} ${message}`)
    const both = 'telemetry: { collector: xray, otlpEndpoint: https://otlp.example.com }\n'
    assert.equal(codesOf(both), ['TELEMETRY_TARGET it names two places that traces go to'])
    const off = 'telemetry: { collector: xray }\naddons: { opentelemetry-collector: { enabled: false } }\n'
    assert.equal(codesOf(off), [
      'TELEMETRY_TARGET it needs the add-on opentelemetry-collector, and addons switches it off',
    ])
    assert.equal(codesOf('telemetry: { collector: xray }\n', []), [
      `TELEMETRY_TARGET it needs the add-on opentelemetry-collector, and there is no ${addon}`,
    ])
  })
})

describe('a real collector with that configuration', (test) => {
  const program = collectorProgram
  if (program === undefined) {
    test.skip('passes a trace on', withoutCollector)
    return
  }
  for (const [target, section] of [
    ['X-Ray', 'telemetry: { collector: xray }\n'],
    ['another collector', 'telemetry: { collector: https://otlp.example.com }\n'],
  ] as const)
    test(
      `passes one trace on to ${target}: from the ids of edge and balancer through the gateway to the engine`,
      async () => {
        const collector = await RealCollector.start(program, configOf(renderedWith(section)))
        const identity = await startIdentityProvider()
        const engine = await FakeEngine.start()
        const gateway = new GatewayProcess()
        gateway.setModels({ ok: [engine.endpoint] })
        await gateway.start(identity, { OTLP_ENDPOINT: collector.url, TRACE_SAMPLE_RATIO: '1' })
        const answer = await fetch(`${gateway.url}/stream/v1/chat/completions`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${await identity.token()}`,
            'content-type': 'application/json',
            'x-amz-cf-id': 'mJ3yPlDXWJYWkbyU6rEKDfL6NJwIIQ==',
            'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
          },
          body: JSON.stringify(chat('ok')),
        })
        assert.is(answer.status, 200)
        await answer.text()
        await until(() => collector.spans.length === 2, `both spans: ${collector.out}`, 20_000)
        const server = collector.spans.find(({ kind }) => kind === 2)
        const client = collector.spans.find(({ kind }) => kind === 3)
        assert.ok(server !== undefined && client !== undefined)
        assert.is(attributeOf(server, 'slipway.edge_id'), 'mJ3yPlDXWJYWkbyU6rEKDfL6NJwIIQ==')
        assert.is(attributeOf(server, 'slipway.balancer_id'), 'Root=1-67891233-abcdef012345678912345678')
        assert.equal([client.traceId, client.parentSpanId], [server.traceId, server.spanId])
        assert.is(engine.seen[0]?.headers.traceparent, `00-${client.traceId}-${client.spanId}-01`)
        assert.equal(new Set(collector.paths), new Set(['/v1/traces']))
        const signed = /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/us-east-1\/xray\/aws4_request, /
        for (const signature of collector.signatures)
          if (target === 'X-Ray') assert.match(signature, signed)
          else assert.is(signature, '')
        await gateway.stop()
        await collector.stop()
        await engine.stop()
        await identity.stop()
      },
      { timeoutSeconds: 90 },
    )
})
