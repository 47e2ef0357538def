// The gateway reads Prometheus for operators alone: its setting and the way there come with the first tenant that has any.
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { validFixture, withRepository } from '../fixture.ts'

interface Rendered {
  data: Record<string, string>
  spec: {
    template: { spec: { containers: { env: { name: string; value?: string }[] }[] } }
    egress: { to: object[]; ports?: { port: number }[] }[]
  }
}

const tenant = 'apps/tenants/team.yaml'

const renderedWith = (line: string) =>
  withRepository(validFixture, ({ root, write, read }) => {
    write(tenant, `${read(tenant)}${line}`)
    const { files, diagnostics } = renderRepository(root, everything)
    const object = (path: string): Rendered =>
      parse(files.find((one) => one.path === `clusters/blue/rendered/${path}`)?.text ?? '{}') as Rendered
    const codes = diagnostics.map(({ code }) => code)
    if (codes.length > 0) return { codes }
    const [container] = object('gateway/deployment-gateway.yaml').spec.template.spec.containers
    return {
      codes,
      url: container?.env.find(({ name }) => name === 'PROMETHEUS_URL')?.value,
      way: object('gateway/networkpolicy-gateway.yaml').spec.egress.find(({ ports }) => ports?.[0]?.port === 9090),
      tenant: JSON.parse(object('tenants/configmap-tenant-team.yaml').data['tenant.json'] ?? '{}') as object,
    }
  })

describe('operators of a tenant', (test) => {
  test('reach the gateway with their scope, and let it ask Prometheus', () => {
    const { codes, url, way, tenant: rendered } = renderedWith('operatorScope: slipway/operator\n')
    assert.equal(codes, [])
    assert.is((rendered as { operatorScope?: string }).operatorScope, 'slipway/operator')
    assert.is(url, 'http://prometheus-operated.monitoring.svc:9090')
    const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }
    assert.equal(way?.to, [monitoring])
  })

  test('are none without it: then the gateway has no way there', () => {
    const { url, way } = renderedWith('')
    assert.equal([url, way], [undefined, undefined])
  })

  test('have a scope, and not several words', () => {
    assert.equal(renderedWith('operatorScope: slipway/operator slipway/invoke\n').codes, ['FIELD_VALUE'])
  })
})
