// `settings` of apps/gateway.yaml: the gateway’s own settings by its own schema, as it will read them; what they must agree with.
import { parse } from 'yaml'
import { settings } from '../../../gateway/config.ts'
import { readConfig } from '../../../gateway/read-config.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { ownedSettings, settableNames } from '../../schema/gateway-settings.ts'
import { validFixture, withRepository } from '../fixture.ts'

interface Rendered {
  problems: string[]
  /** Of the gateway’s container, by cluster. */
  environment: (cluster: string) => Record<string, string>
}

const rendered = (gateway: string): Rendered =>
  withRepository(validFixture, ({ root, write }) => {
    write('apps/gateway.yaml', gateway)
    const { files, diagnostics } = renderRepository(root, everything)
    return {
      problems: diagnostics.map(
        ({ code, position, message, hint }) => `${code} ${position.line}:${position.column} ${message} -> ${hint}`,
      ),
      environment(cluster) {
        const path = `clusters/${cluster}/rendered/gateway/deployment-gateway.yaml`
        const { spec } = parse(files.find((file) => file.path === path)?.text ?? '')
        const [container] = spec.template.spec.containers as { env: { name: string; value?: string }[] }[]
        return Object.fromEntries((container?.env ?? []).map(({ name, value = '' }) => [name, value]))
      },
    }
  })

describe('settings of the gateway', (test) => {
  test('are each settable, or set by what is rendered', () => {
    assert.equal([...settableNames, ...Object.keys(ownedSettings)].sort(), settings.map(({ name }) => name).sort())
    const { environment } = rendered('replicas: { min: 2 }\n')
    assert.equal(
      Object.keys(environment('blue')).filter((name) => !Object.hasOwn(ownedSettings, name)),
      [],
    )
  })

  test('reach the program, which reads them as they were written; a cluster has its own', () => {
    const { problems, environment } = rendered(`settings: { MAX_N: 4, AUDIT_LOG: false, RETRY_BUDGET: 0.1, ATTEMPTS: 2 }
clusters:
  green: { settings: { MAX_N: null, STREAM_SECONDS: 600 } }
`)
    assert.equal(problems, [])
    const [blue, green] = ['blue', 'green'].map((cluster) => readConfig(environment(cluster)))
    assert.equal([blue?.problems, green?.problems], [[], []])
    const { MAX_N, AUDIT_LOG, RETRY_BUDGET, STREAM_SECONDS } = blue?.config ?? {}
    assert.equal([MAX_N, AUDIT_LOG, RETRY_BUDGET, STREAM_SECONDS], [4, false, 0.1, 1800])
    assert.equal([green?.config.MAX_N, green?.config.AUDIT_LOG, green?.config.STREAM_SECONDS], [8, false, 600])
    assert.not.ok('ATTEMPTS' in environment('blue'), 'a default that is written out rolls no pod')
  })

  const wrong: [what: string, gateway: string, says: RegExp][] = [
    [
      'one that a cluster file sets',
      'settings: { CORS_ORIGINS: x }\n',
      /^FIELD_UNKNOWN 1:13 .*-> write edge\.corsOrigins in/,
    ],
    ['one that is fixed', 'settings: { PORT: 80 }\n', /cannot set "PORT" -> Services and network policies know/],
    ['a slip', 'settings: { MAX_NN: 4 }\n', /^FIELD_UNKNOWN 1:13 .*-> did you mean "MAX_N"\?/],
    ['a text', 'settings: { MAX_N: "4" }\n', /^FIELD_TYPE 1:20 .*-> remove the quotes: 4/],
    ['more than the program takes', 'settings: { MAX_N: 999 }\n', /^FIELD_VALUE 1:20 /],
    [
      'two that contradict each other',
      'settings: { ANSWER_SECONDS: 100, FIRST_BYTE_SECONDS: 50 }\n',
      /^GATEWAY_SETTING 1:54 FIRST_BYTE_SECONDS is 50, less than ANSWER_SECONDS, 100 .*-> write 100 or more/,
    ],
    [
      'one that contradicts the default of another',
      'settings: { HEADERS_RECEIVE_SECONDS: 40 }\n',
      /^GATEWAY_SETTING 1:38 HEADERS_RECEIVE_SECONDS is 40, more than REQUEST_RECEIVE_SECONDS, 30 .*-> write 30 or less/,
    ],
    [
      'longer than the balancer waits',
      'settings: {}\nclusters: { green: { settings: { FIRST_BYTE_SECONDS: 115 } } }\n',
      /^GATEWAY_SETTING 2:54 .*the load balancer gives up .*-> write less than 115/,
    ],
    [
      'shorter than the balancer keeps a connection',
      'settings: { KEEP_ALIVE_SECONDS: 115 }\n',
      /closed connection .*-> write more than 115/,
    ],
    [
      'a ping so rare that two late ones close a stream',
      'settings: { PING_SECONDS: 40 }\n',
      /^GATEWAY_SETTING 1:27 PING_SECONDS is 40, .*two late pings .*-> write less than 39/,
    ],
    ['longer than the HTTP API waits', 'settings: { API_LANE_SECONDS: 30 }\n', /write less than 30/],
    [
      'larger than a pod’s memory lets it be',
      'settings: { AUDIO_BODY_LIMIT: 100000000 }\n',
      /one tenant may have 67108864 bytes of a pod’s memory .*-> write 67108864 or less, or raise resources\.memory/,
    ],
  ]
  for (const [what, gateway, says] of wrong)
    test(`${what} is refused`, () => {
      const { problems } = rendered(gateway)
      assert.ok(problems.length > 0)
      for (const problem of problems) assert.match(problem, says)
    })

  test('larger bodies are taken by larger pods', () =>
    assert.equal(rendered('resources: { memory: 1Gi }\nsettings: { AUDIO_BODY_LIMIT: 100000000 }\n').problems, []))
})
