// Pages of other origins in a real browser: from an allowed one fetch and OpenAI's client work, streams included; from another one
// nothing can be read.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../test/browser.ts'
import { assert, describe } from '../../test/spec.ts'
import { talkingEngine } from './clients/talking-engine.ts'
import { FakeEngine } from './fake-engine.ts'
import { model, startGateway, type TestGateway, until } from './harness.ts'

const chromium = await openBrowser()
if (typeof chromium === 'string') describe('a page of another origin', (test) => test.skip('in a browser', chromium))
else describePages(chromium)

/** OpenAI's client as a script that a page can load: `OpenAI.default`. */
function bundledClient(): string {
  const { outputFiles } = buildSync({
    stdin: { contents: "export { default } from 'openai'", resolveDir: join(import.meta.dirname, '../..') },
    bundle: true,
    format: 'iife',
    globalName: 'OpenAI',
    platform: 'browser',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

async function startSite(script: string): Promise<{ server: Server; origin: string }> {
  const server = createServer(({ url }, res) => {
    const isScript = url === '/openai.js'
    res.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    res.end(isScript ? script : '<!doctype html><title>A page</title><script src="/openai.js"></script>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function describePages(browser: Browser): void {
  describe(`a page of another origin, in Chromium ${browser.version()},`, (test) => {
    let engine: FakeEngine
    let slow: FakeEngine
    let gateway: TestGateway
    let allowed: Awaited<ReturnType<typeof startSite>>
    let other: Awaited<ReturnType<typeof startSite>>
    test.before(async () => {
      const script = bundledClient()
      allowed = await startSite(script)
      other = await startSite(script)
      engine = await FakeEngine.start(talkingEngine)
      slow = await FakeEngine.start()
      const models = [model('ok', [engine.endpoint]), model('slow-stream', [slow.endpoint])]
      gateway = await startGateway(models, { config: { CORS_ORIGINS: `https://app.example.com, ${allowed.origin}` } })
    })
    test.after(async () => {
      await browser.close()
      for (const { server } of [allowed, other]) {
        server.closeAllConnections()
        server.close()
      }
      await gateway.stop()
      await engine.stop()
      await slow.stop()
    })

    /** What a script gives in a page of this origin; `url` and `token` are its own. */
    async function inPage(origin: string, script: string): Promise<unknown> {
      const page = await browser.newPage()
      try {
        await page.goto(origin)
        const scope = `const url = ${JSON.stringify(gateway.url)}, token = ${JSON.stringify(gateway.token)};
          const client = new OpenAI.default({ baseURL: url + '/stream/v1', apiKey: token, dangerouslyAllowBrowser: true, maxRetries: 0 });
          const asked = { model: 'ok', messages: [{ role: 'user', content: 'Hello' }] };`
        return await page.evaluate(`(async () => { ${scope} ${script} })().catch((error) => String(error))`)
      } finally {
        await page.close()
      }
    }

    const fetching = `const response = await fetch(url + '/stream/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      });
      const { choices } = await response.json();
      return [choices[0].message.content, response.headers.get('x-request-id') !== null];`
    const streaming = `const stream = await client.chat.completions.create({ ...asked, stream: true });
      let text = '';
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
      return text;`

    test('gets answers by fetch, and reads the id of its request', async () => {
      assert.equal(await inPage(allowed.origin, fetching), ['Hello there.', true])
    })

    test('gets answers, streams and errors by OpenAI’s client', async () => {
      const whole = 'return (await client.chat.completions.create(asked)).choices[0].message.content'
      assert.is(await inPage(allowed.origin, whole), 'Hello there.')
      assert.is(await inPage(allowed.origin, streaming), 'Hello there.')
      const helped = 'return (await client.chat.completions.stream(asked).finalContent())'
      assert.is(await inPage(allowed.origin, helped), 'Hello there.')
      const responding = "return (await client.responses.create({ model: 'ok', input: 'Hello' })).output_text"
      assert.is(await inPage(allowed.origin, responding), 'Hello there.')
      const failing = `const error = await client.chat.completions.create({ ...asked, model: 'nobody' }).catch((one) => one);
        return [error.status, error.code, typeof error.requestID]`
      assert.equal(await inPage(allowed.origin, failing), [404, 'model_not_found', 'string'])
      assert.ok(Array.isArray(await inPage(allowed.origin, 'return (await client.models.list()).data')))
    })

    test('frees the engine when it leaves a stream', async () => {
      const leaving = `const stream = await client.chat.completions.create({ ...asked, model: 'slow-stream', stream: true });
        for await (const _ of stream) break;
        return 'left'`
      assert.is(await inPage(allowed.origin, leaving), 'left')
      await until(() => slow.running === 0, 'the engine stops')
    })

    test('that is not allowed gets nothing, and no engine is asked', async () => {
      const seen = engine.seen.length
      assert.match(String(await inPage(other.origin, fetching)), 'Failed to fetch')
      assert.match(String(await inPage(other.origin, streaming)), /Connection error/)
      assert.is(engine.seen.length, seen)
    })
  })
}
