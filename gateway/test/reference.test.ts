// What the gateway's README says, and what synth renders for it, are what the program has.
import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { assert, describe } from '../../test/spec.ts'
import { type Config, settings } from '../config.ts'
import { metricNames } from '../metric-names.ts'
import { readConfig } from '../read-config.ts'

const root = new URL('../../', import.meta.url).pathname
const readme = readFileSync(`${root}gateway/README.md`, 'utf8')

describe('the gateway’s README', (test) => {
  test('has the values that were chosen: a slip of a digit would be seen nowhere else', () => {
    const { config } = readConfig({})
    const chosen: Partial<Config> = {
      ATTEMPTS: 2,
      RETRY_BUDGET: 0.2,
      RETRY_MINIMUM: 3,
      RETRY_WINDOW_SECONDS: 150,
      CONNECT_SECONDS: 2,
      STREAM_HEADERS_SECONDS: 30,
      ANSWER_SECONDS: 100,
      STALL_SECONDS: 60,
      STREAM_SECONDS: 1800,
      PING_SECONDS: 15,
      API_LANE_SECONDS: 27,
      HOLD_SECONDS: 55,
      QUEUE_SECONDS: 30,
      QUEUE_LIMIT: 64,
      EJECT_FAILURES: 3,
      EJECT_SECONDS: 5,
      EJECT_MAX_SECONDS: 60,
      SILENT_SECONDS: 2,
      HEADERS_RECEIVE_SECONDS: 10,
      REQUEST_RECEIVE_SECONDS: 30,
      CLIENT_IDLE_SECONDS: 60,
      KEEP_ALIVE_SECONDS: 130,
      UPSTREAM_KEEP_ALIVE_SECONDS: 4,
      BODY_LIMIT: 10_485_760,
      EMBEDDING_BODY_LIMIT: 2_000_000,
      DRAIN_SECONDS: 300,
    }
    for (const [name, value] of Object.entries(chosen)) assert.is(config[name as keyof Config], value, name)
  })

  test('names every metric', () => {
    for (const name of Object.values(metricNames)) assert.ok(readme.includes(`\`${name}\``), name)
  })
})

interface Container {
  env: { name: string; value?: string }[]
  ports: { name: string; containerPort: number }[]
  lifecycle: { preStop: { sleep: { seconds: number } } }
}

interface Deployment {
  spec: { template: { spec: { terminationGracePeriodSeconds: number; containers: Container[] } } }
}

describe('the rendered gateway', (test) => {
  const deployments = globSync('clusters/*/rendered/gateway/deployment-gateway.yaml', { cwd: root })

  test('is there', () => assert.ok(deployments.length > 0))

  for (const path of deployments) {
    test(`of ${path.split('/')[1]} sets what the program reads, and leaves it time to drain`, () => {
      const { template } = (parse(readFileSync(root + path, 'utf8')) as Deployment).spec
      const [container] = template.spec.containers
      if (!container) throw new Error('no container')
      const known = new Set(settings.map(({ name }) => name))
      assert.equal(
        container.env.map(({ name }) => name).filter((name) => !known.has(name)),
        [],
      )
      const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
      const { config, issuers, problems } = readConfig(env)
      assert.equal(problems, [])
      assert.ok(issuers.length > 0)
      assert.not(JSON.stringify(issuers).match(/127\.0\.0\.1|localhost/))
      const port = (name: string) => container.ports.find((one) => one.name === name)?.containerPort
      assert.equal([port('http'), port('admin')], [config.PORT, config.ADMIN_PORT] satisfies Config['PORT'][])
      const { seconds } = container.lifecycle.preStop.sleep
      assert.ok(seconds + config.DRAIN_SECONDS < template.spec.terminationGracePeriodSeconds)
    })
  }
})
