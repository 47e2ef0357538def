// The operator’s view of the console in a real browser: on a wide screen, a tablet and a phone; and that other callers see nothing of it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPackagedBrowser } from '../../test/browser.ts'
import { assert, describe } from '../../test/spec.ts'
import { type Scene, startScene } from './console-scene.ts'
import { chat, tenant, until } from './harness.ts'
import { type PrometheusAnswers, startPrometheusAnswers } from './prometheus-answers.ts'

const scope = 'slipway/operator'
const chromium = process.env.SLIPWAY_BROWSER === 'package' ? await openPackagedBrowser() : await openBrowser()
if (typeof chromium === 'string') describe('the operator’s view', (test) => test.skip('in a browser', chromium))
else describeView(chromium)

function describeView(browser: Browser): void {
  describe(`the operator’s view, in Chromium ${browser.version()},`, (test) => {
    let scene: Scene
    let prometheus: PrometheusAnswers
    let token = ''
    test.before(async () => {
      prometheus = await startPrometheusAnswers()
      scene = await startScene({
        tenants: [tenant('support'), tenant('on-call', { operatorScope: scope, models: ['tiny-stories'] })],
        config: { PROMETHEUS_URL: prometheus.url, HOLD_SECONDS: 0.05 },
      })
      token = await scene.gateway.identity.token({ client_id: 'on-call', scope: `slipway/invoke ${scope}` })
      for (const name of ['qwen3-8b', 'qwen3-8b', 'llama-3-1-8b-instruct'])
        await (await scene.gateway.post('/v1/chat/completions', chat(name, { stream: true }))).text()
    })
    test.after(async () => {
      await browser.close()
      await scene.stop()
      await prometheus.stop()
    })

    async function onPage(
      { width, height }: { width: number; height: number },
      who: string,
      body: (page: Page) => Promise<void>,
    ): Promise<void> {
      const context = await browser.newContext({ viewport: { width, height } })
      const page = await context.newPage()
      const wrongs: string[] = []
      page.on('pageerror', (error) => wrongs.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') wrongs.push(message.text())
      })
      try {
        await page.goto(`${scene.gateway.url}/console#token=${who}`)
        await page.getByText('Live', { exact: true }).waitFor()
        await body(page)
        assert.equal(wrongs, [])
      } finally {
        await context.close()
      }
    }

    const rowsOf = (page: Page, table: string): Promise<string[]> =>
      page
        .locator(`#operator-${table} tr`)
        .evaluateAll((rows) => rows.map((row) => row.innerText.replaceAll(/\s+/g, ' ')))

    for (const [name, width, height] of [
      ['wide', 1440, 900],
      ['tablet', 820, 1180],
      ['phone', 390, 844],
    ] as const)
      test(`shows all tenants, models, objectives, syncs and wakes, within a ${name}`, () =>
        onPage({ width, height }, token, async (page) => {
          await page.locator('#operator').waitFor()
          await until(async () => (await rowsOf(page, 'objectives')).length === 2, 'the objectives')
          const [, burns = ''] = await rowsOf(page, 'objectives')
          assert.match(burns, /qwen3-8b availability.* 16× page 3\.1× 1\.2× ticket/)
          const [gateway = '', degraded = ''] = await rowsOf(page, 'applications')
          assert.match(gateway, /^gateway .*Healthy Succeeded 5 min ago$/)
          assert.match(degraded, /Degraded none today$/)
          assert.equal(
            (await rowsOf(page, 'tenants')).map((row) => row.split(' ').slice(0, 3).join(' ')),
            ['research 3 1', 'support 0 0', 'on-call 0 0'],
          )
          // Also those that its own tenant may not use.
          assert.is((await rowsOf(page, 'endpoints')).length, 7)
          assert.match((await rowsOf(page, 'wakes')).join(), /^llama-3-1-8b-instruct just now$/)
          assert.is(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
          const pictures = process.env.SLIPWAY_PICTURES
          if (pictures === undefined) return
          mkdirSync(pictures, { recursive: true })
          await page.screenshot({ path: join(pictures, `operator-${name}.png`), fullPage: true })
        }))

    test('is not shown to another caller, and leaves nothing behind for the next', () =>
      onPage({ width: 1280, height: 900 }, token, async (page) => {
        await until(async () => (await rowsOf(page, 'tenants')).length === 3, 'the tenants')
        await page.getByRole('button', { name: 'Forget token' }).click()
        assert.is(await page.locator('#operator').isVisible(), false)
        assert.equal(await rowsOf(page, 'tenants'), [])
        await page.fill('#token', scene.gateway.token)
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByText('Live', { exact: true }).waitFor()
        assert.is(await page.locator('#operator').isVisible(), false)
        assert.not.match(await page.evaluate<string>('document.documentElement.outerHTML'), 'on-call')
      }))

    test('says so when Prometheus cannot be reached', async () => {
      prometheus.answer = (response) => void response.writeHead(500).end()
      // What was read is kept for a while; a gateway that begins has read nothing.
      const other = await startScene({
        tenants: [tenant('on-call', { operatorScope: scope })],
        config: { PROMETHEUS_URL: prometheus.url },
      })
      const context = await browser.newContext()
      const page = await context.newPage()
      const own = await other.gateway.identity.token({ client_id: 'on-call', scope: `slipway/invoke ${scope}` })
      await page.goto(`${other.gateway.url}/console#token=${own}`)
      await page.getByText('Prometheus cannot be reached').waitFor()
      assert.is((await rowsOf(page, 'tenants')).length, 2)
      await context.close()
      await other.stop()
    })
  })
}
