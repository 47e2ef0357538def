// Traces leave a cluster whose file says where to, and no other: the gateway's setting, the way there, and the engine's flag.
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { validFixture, withRepository } from '../fixture.ts'

interface Rendered {
  spec: {
    template: { spec: { containers: { args: string[]; env: { name: string; value?: string }[] }[] } }
    egress: { to: object[]; ports?: { port: number }[] }[]
  }
}

/** What is rendered of the fixture’s cluster with this section in its file. */
const renderedWith = (telemetry: string) =>
  withRepository(validFixture, ({ root, write, read }) => {
    const file = 'clusters/blue/cluster.yaml'
    write(file, `${read(file)}${telemetry}`)
    const { files, diagnostics } = renderRepository(root, everything)
    const object = (path: string): Rendered =>
      parse(files.find((one) => one.path === `clusters/blue/rendered/${path}`)?.text ?? '{}') as Rendered
    return { diagnostics, object }
  })

const container = ({ spec }: Rendered) => {
  const [first] = spec.template.spec.containers
  if (first === undefined) throw new Error('no container')
  return first
}

describe('telemetry of a cluster', (test) => {
  const service = renderedWith('telemetry: { otlpEndpoint: http://collector.monitoring.svc:4318 }\n')

  test('gives gateway and vLLM the collector, and the way to it', () => {
    assert.equal(service.diagnostics, [])
    const { env } = container(service.object('gateway/deployment-gateway.yaml'))
    assert.is(env.find(({ name }) => name === 'OTLP_ENDPOINT')?.value, 'http://collector.monitoring.svc:4318')
    const engine = container(service.object('model-chat/deployment-chat.yaml'))
    assert.ok(engine.args.includes('--otlp-traces-endpoint=http://collector.monitoring.svc:4318/v1/traces'))
    assert.is(engine.env.find(({ name }) => name === 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL')?.value, 'http/protobuf')
    for (const path of ['gateway/networkpolicy-gateway.yaml', 'model-chat/networkpolicy-chat.yaml']) {
      const rule = service.object(path).spec.egress.find(({ ports }) => ports?.some(({ port }) => port === 4318))
      const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }
      assert.equal(rule?.to, [monitoring], path)
    }
  })

  test('gives nothing to engines that have no such flag, or that shall not send', () => {
    const { args } = container(service.object('model-embed/deployment-embed.yaml'))
    assert.not.ok(args.some((word) => word.includes('otlp')))
    const quiet = renderedWith('telemetry: { otlpEndpoint: https://traces.example.com:4318, engines: false }\n')
    const engine = container(quiet.object('model-chat/deployment-chat.yaml'))
    assert.not.ok(engine.args.some((word) => word.includes('otlp')))
    const { egress } = quiet.object('gateway/networkpolicy-gateway.yaml').spec
    assert.ok(egress.some(({ ports }) => ports?.some(({ port }) => port === 4318)))
  })

  test('is nothing without the section, and refuses an address with a path or without TLS outside', () => {
    const { env } = container(renderedWith('').object('gateway/deployment-gateway.yaml'))
    assert.not.ok(env.some(({ name }) => name === 'OTLP_ENDPOINT'))
    for (const endpoint of [
      'http://collector.example.com:4318',
      'https://traces.example.com/v1/traces',
      'collector:4318',
    ])
      assert.equal(
        renderedWith(`telemetry: { otlpEndpoint: "${endpoint}" }\n`).diagnostics.map(({ code }) => code),
        ['FIELD_VALUE'],
        endpoint,
      )
  })
})
