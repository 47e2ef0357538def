// What operators see of all tenants and models, and that nobody else does.
import { assert, describe } from '../../test/spec.ts'
import type { Tenant } from '../discovery/directory.ts'
import { FakeEngine } from './fake-engine.ts'
import { apiKey, chat, model, startGateway, type TestGateway, tenant, until } from './harness.ts'
import { startPrometheusAnswers } from './prometheus-answers.ts'

const scope = 'slipway/operator'
const onCall = tenant('on-call', { operatorScope: scope, models: ['ok'] })
const everybody = [tenant('research', { operatorScope: scope }), tenant('support'), onCall]

interface View {
  models: { name: string; state: string; endpoints: { address: string; ready: boolean; health: string }[] }[]
  tenants: { name: string; minute: { requests: number; errors: number }; limits: Tenant['limits'] }[]
  wakes: { model: string; at: string }[]
  platform: { state: string; objectives?: object[]; applications?: object[] }
}

async function ask(
  gateway: TestGateway,
  token: string,
  lane = '',
): Promise<{ status: number; view: View; text: string }> {
  const answer = await gateway.get(`${lane}/v1/slipway/operator`, { authorization: `Bearer ${token}` })
  const text = await answer.text()
  return { status: answer.status, text, view: JSON.parse(text) as View }
}

const tokenOf = ({ identity }: TestGateway, client_id: string, ...scopes: string[]): Promise<string> =>
  identity.token({ client_id, scope: ['slipway/invoke', ...scopes].join(' ') })

const isOperator = async (gateway: TestGateway, token: string): Promise<boolean> => {
  const answer = await gateway.get('/stream/v1/slipway/status', { authorization: `Bearer ${token}` })
  return ((await answer.json()) as { operator: boolean }).operator
}

describe('the operator’s view', (test) => {
  test('is for tokens with the operator scope of their own tenant, and for nothing else', async () => {
    const gateway = await startGateway([model('ok', [])], { tenants: everybody })
    const refused = {
      'without the scope': await tokenOf(gateway, 'on-call'),
      'with a scope that begins alike': await tokenOf(gateway, 'on-call', `${scope}s`),
      'of a tenant that names none': await tokenOf(gateway, 'support', scope),
      // Its tenant has operators.
      'an API key': apiKey,
    }
    for (const [who, token] of Object.entries(refused)) {
      for (const lane of who === 'an API key' ? ['/stream'] : ['', '/stream']) {
        const { status, text } = await ask(gateway, token, lane)
        assert.is(status, 403, who)
        assert.match(text, '"code":"operators_only"')
        assert.not.match(text, 'research')
      }
      assert.is(await isOperator(gateway, token), false, who)
    }
    const token = await tokenOf(gateway, 'on-call', scope)
    for (const lane of ['', '/stream']) assert.is((await ask(gateway, token, lane)).status, 200)
    assert.is(await isOperator(gateway, token), true)
    // What the tenant file says counts from the next request on.
    gateway.directory.set([model('ok', [])], [tenant('on-call')])
    assert.is((await ask(gateway, token)).status, 403)
    await gateway.stop()
  })

  test('takes the scope from the claim that its issuer uses', async () => {
    const gateway = await startGateway([], { tenants: everybody })
    const token = await gateway.identity.token({
      client_id: 'on-call',
      scope: undefined,
      scp: ['slipway/invoke', scope],
    })
    assert.is((await ask(gateway, token)).status, 200)
    await gateway.stop()
  })

  test('shows every model and tenant, with what this pod counted, and wakes', async () => {
    const engine = await FakeEngine.start()
    const sleeping = model('sleeps', [], { spec: { ...model('x', []).spec, minReplicas: 0 } })
    const models = [
      model('ok', [engine.endpoint]),
      model('bad-request', [engine.endpoint], { tenants: ['support'] }),
      sleeping,
    ]
    const gateway = await startGateway(models, { tenants: everybody, config: { HOLD_SECONDS: 0.05 } })
    await (await gateway.post('/v1/chat/completions', chat('ok'))).text()
    await (await gateway.post('/v1/chat/completions', chat('sleeps'))).text()
    await until(() => gateway.app.gateway.openCalls === 0, 'the calls end')
    const { view, text } = await ask(gateway, await tokenOf(gateway, 'on-call', scope))
    assert.equal(
      view.models.map(({ name, state, endpoints }) => [name, state, endpoints.map(({ health }) => health)]),
      [
        ['ok', 'ready', ['well']],
        ['bad-request', 'ready', ['well']],
        ['sleeps', 'asleep', []],
      ],
    )
    assert.equal(
      view.tenants.map(({ name, minute }) => [name, minute.requests]),
      [
        ['research', 2],
        ['support', 0],
        ['on-call', 0],
      ],
    )
    assert.equal(
      view.wakes.map((wake) => wake.model),
      ['sleeps'],
    )
    assert.equal(view.platform, { state: 'not_configured' })
    for (const secret of [apiKey, everybody[0]?.apiKeys[0]?.sha256 ?? '-']) assert.not(text.includes(secret))
    await gateway.stop()
    await engine.stop()
  })

  test('reads objectives and syncs from Prometheus, not more often than every few seconds', async () => {
    const prometheus = await startPrometheusAnswers()
    const gateway = await startGateway([], { tenants: everybody, config: { PROMETHEUS_URL: prometheus.url } })
    const token = await tokenOf(gateway, 'on-call', scope)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(gateway, token)))
    const view = answers[0]?.view
    assert.is(prometheus.asked.length, 6)
    assert.is(view?.platform.state, 'known')
    assert.equal(view?.platform.objectives, [
      { model: 'bge-small-en', slo: 'firstToken', objective: 0.95, burn: { '1h': null, '6h': 0.4, '3d': 0 } },
      { model: 'qwen3-8b', slo: 'availability', objective: 0.999, burn: { '1h': 16.2, '6h': 3.1, '3d': 1.2 } },
    ])
    const [first, second] = (view?.platform.applications ?? []) as {
      name: string
      lastSync: { phase: string } | null
    }[]
    assert.equal([first?.name, first?.lastSync?.phase, second?.lastSync], ['gateway', 'Succeeded', null])
    await gateway.stop()
    await prometheus.stop()
  })

  for (const [how, answer] of Object.entries({
    refuses: (response) => void response.writeHead(500).end('at 10.0.0.7'),
    'says something else': (response) => void response.end('<html>'),
    'never ends': (response) => void response.write('{'),
    'sends without end': (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    },
  } satisfies Record<string, (response: import('node:http').ServerResponse) => void>))
    test(`says that Prometheus cannot be reached when it ${how}, and shows the rest`, async () => {
      const prometheus = await startPrometheusAnswers()
      prometheus.answer = answer
      const gateway = await startGateway([model('ok', [])], {
        tenants: everybody,
        config: { PROMETHEUS_URL: prometheus.url },
      })
      const { status, view, text } = await ask(gateway, await tokenOf(gateway, 'on-call', scope))
      assert.is(status, 200)
      assert.equal([view.platform, view.models.length], [{ state: 'unreachable' }, 1])
      // Addresses inside are for the log.
      assert.not.match(text, '127.0.0.1')
      assert.match(gateway.log(), '"event":"prometheus_unread"')
      await gateway.stop()
      await prometheus.stop()
    })
})
