// A gateway with one lane: without an HTTP API every path takes streams and keys; without a way past it none does.
import { hash } from 'node:crypto'
import { assert, describe } from '../../test/spec.ts'
import { makeApiKey } from '../auth/api-key-form.ts'
import type { Config } from '../config.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, model, startGateway, tenant } from './harness.ts'

const apiKey = makeApiKey('research')
const apiKeys = [{ id: 'ci', sha256: hash('sha256', apiKey), expires: '2999-01-01' }]

/** What a stream of some seconds, and a key, become on a path where the api lane has half a second. */
async function ends(path: string, config: Partial<Config>): Promise<{ isWhole: boolean; key: number }> {
  const engine = await FakeEngine.start()
  const gateway = await startGateway([model('slow-stream', [engine.endpoint])], {
    config: { ...config, API_LANE_SECONDS: 0.5, API_KEYS_ON_API_LANE: false },
    tenants: [{ ...tenant('research'), apiKeys }],
  })
  try {
    const streamed = await gateway.post(`${path}/v1/chat/completions`, chat('slow-stream', { stream: true }))
    const byKey = await gateway.get(`${path}/v1/models`, { authorization: `Bearer ${apiKey}` })
    return { isWhole: (await streamed.text()).endsWith('data: [DONE]\n\n'), key: byKey.status }
  } finally {
    await gateway.stop()
    await engine.stop()
  }
}

describe('requests outside /stream', (test) => {
  test('are those of the stream lane where there is no api lane', async () =>
    assert.equal(await ends('', { API_LANE: false }), { isWhole: true, key: 200 }))

  test('end with the HTTP API’s limits where there is one', async () =>
    assert.equal(await ends('', { API_LANE: true }), { isWhole: false, key: 401 }))
})

describe('requests under /stream', (test) => {
  test('are those of the api lane where there is no stream lane', async () =>
    assert.equal(await ends('/stream', { STREAM_LANE: false }), { isWhole: false, key: 401 }))

  test('pass the HTTP API by where there is one', async () =>
    assert.equal(await ends('/stream', {}), { isWhole: true, key: 200 }))
})
