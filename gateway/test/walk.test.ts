// The walk through the files in the README is the one that a chat request takes: what V8 saw run is what is written there.
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, model, startGateway, until } from './harness.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Program files of the gateway of which a function ran since the last time. */
async function run(session: Session): Promise<string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  return result
    .filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)))
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => relative(folder, fileURLToPath(url)))
    .filter((file) => !file.startsWith('..') && !file.startsWith('test/'))
    .sort()
}

/** Files that the section links to, in its order. */
function written(): string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, section = ''] = /^## A chat request, file by file\n(.*?)^## /ms.exec(readme) ?? []
  return [...section.matchAll(/\]\(([\w/.-]+\.ts)\)/g)].map(([, file = '']) => file)
}

describe('the walk of a chat request', (test) => {
  test('names each file that a stream and a whole answer run, once, and no other', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [engine.endpoint])])
    const session = new Session()
    session.connect()
    const ask = async (stream: boolean) => {
      const response = await gateway.post('/stream/v1/chat/completions', chat('m', { stream }))
      assert.is(response.status, 200)
      await response.text()
      await until(() => gateway.app.gateway.openCalls === 0, 'it has ended')
    }
    try {
      // The first one brings connections and the issuer’s key.
      await ask(true)
      await session.post('Profiler.enable')
      await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
      await run(session)
      for (const stream of [true, false]) await ask(stream)
      // The engine’s last bytes may come with its last event: then nobody waits for them.
      const seen = new Set([...(await run(session)), 'wire/linger.ts'])
      // It looks every two seconds, whatever is asked.
      seen.delete('waking/weights-watch.ts')
      assert.equal(written().sort(), [...seen].sort())
    } finally {
      session.disconnect()
      await gateway.stop()
      await engine.stop()
    }
  })
})
