// The console in a real browser: what a person sees and does, from the token to an answer that streams.
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser, openPackagedBrowser } from '../../test/browser.ts'
import { assert, describe } from '../../test/spec.ts'
import { type Scene, startScene } from './console-scene.ts'
import { apiKey, until } from './harness.ts'
import { runCode } from './run-code.ts'

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** Whatever a page must never do. */
interface Watched {
  context: BrowserContext
  page: Page
  /** Console errors, exceptions, violations of the policy and requests to other origins. */
  wrongs: string[]
  requests: { url: string; headers: Record<string, string> }[]
}

interface Options {
  colorScheme?: 'light' | 'dark'
  width?: number
  height?: number
  path?: string
  token?: string | null
}

const chromium = process.env.SLIPWAY_BROWSER === 'package' ? await openPackagedBrowser() : await openBrowser()
if (typeof chromium === 'string') describe('the console', (test) => test.skip('in a browser', chromium))
else describePage(chromium)

function describePage(browser: Browser): void {
  describe(`the console, in Chromium ${browser.version()},`, (test) => {
    let scene: Scene
    test.before(async () => {
      scene = await startScene({ faulty: true })
    })
    test.after(async () => {
      await browser.close()
      await scene.stop()
    })

    async function open(options: Options = {}): Promise<Watched> {
      const { colorScheme = 'light', width = 1280, height = 900, path = '/console' } = options
      const token = options.token === undefined ? scene.gateway.token : options.token
      const { url } = scene.gateway
      const context = await browser.newContext({ colorScheme, viewport: { width, height } })
      await context.addInitScript(
        "document.addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective))",
      )
      const page = await context.newPage()
      const watched: Watched = { context, page, wrongs: [], requests: [] }
      page.on('pageerror', (error) => watched.wrongs.push(`exception ${error.message}`))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) watched.wrongs.push(message.text())
      })
      page.on('request', (request) => {
        watched.requests.push({ url: request.url(), headers: request.headers() })
        if (!request.url().startsWith(`${url}/`)) watched.wrongs.push(`request to ${request.url()}`)
      })
      await page.goto(url + path + (token === null ? '' : `#token=${token}`))
      if (token !== null) await page.getByText('Live', { exact: true }).waitFor()
      return watched
    }

    let common: Watched | undefined
    /** One page serves all tests that ask for nothing special: to load it takes longer than most of them. */
    async function openCommon(): Promise<Watched> {
      common ??= await open()
      common.wrongs.length = 0
      common.requests.length = 0
      await common.page.getByRole('button', { name: 'Clear' }).click()
      await common.page.getByRole('tab', { name: 'curl' }).click()
      await common.page.evaluate("document.getElementById('ask').reset()")
      return common
    }

    /** Runs `body` on a page and expects nothing wrong beside `expected`. */
    async function onPage(
      options: Options | undefined,
      body: (watched: Watched) => Promise<void>,
      expected?: RegExp,
    ): Promise<void> {
      const watched = options ? await open(options) : await openCommon()
      try {
        await body(watched)
        assert.equal(
          watched.wrongs.filter((wrong) => !expected?.test(wrong)),
          [],
        )
      } finally {
        if (options) await watched.context.close()
      }
    }

    const choose = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
    const text = async (page: Page, id: string): Promise<string> => (await page.textContent(`#${id}`)) ?? ''
    const ended = (page: Page, how: string) =>
      until(async () => (await text(page, 'stat-end')) === how, `the answer is ${how}`, 8000)
    const ask = async (page: Page, prompt: string): Promise<void> => {
      await page.fill('#prompt', prompt)
      await page.press('#prompt', 'Control+Enter')
    }
    const sees = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression)

    test('takes the token from the address, removes it there, and keeps it for the tab alone', () =>
      onPage(undefined, async ({ page, requests }) => {
        assert.is(page.url(), `${scene.gateway.url}/console`)
        assert.is(await sees(page, "sessionStorage.getItem('slipway.token')"), scene.gateway.token)
        assert.is(await sees(page, 'localStorage.length + document.cookie.length'), 0)
        await page.reload()
        await page.getByText('Live', { exact: true }).waitFor()
        assert.not.ok(
          ((await sees(page, 'document.documentElement.outerHTML')) as string).includes(scene.gateway.token),
        )
        assert.equal(
          requests.filter(({ url }) => url.includes(scene.gateway.token)),
          [],
        )
      }))

    test('lists the models with their state, and why one cannot run', () =>
      onPage(undefined, async ({ page }) => {
        const row = (name: string) => page.getByRole('row', { name }).innerText()
        const squeezed = async (name: string) => (await row(name)).replace(/\s+/g, ' ')
        assert.match(await squeezed('qwen3-8b'), /Qwen\/Qwen3-8B .* Ready .*vllm 32,768 2 0 0 \$0\.98/)
        assert.match(await squeezed('llama-3-1-8b-instruct'), 'Asleep')
        assert.match(await squeezed('phi-4'), 'Starting')
        assert.not.ok(await page.getByText('It needs 4 GPUs of kind l40s').isVisible())
        const fold = page.getByRole('button', { name: /cannot run here$/ })
        await fold.click()
        assert.match(await squeezed('llama-3-3-70b-instruct'), /It needs 4 GPUs of kind l40s.* Cannot run/)
        assert.match((await page.locator('.models tbody tr').last().innerText()).replace(/\s+/g, ' '), /Cannot run/)
        await fold.click()
        assert.is(await fold.getAttribute('aria-expanded'), 'false')
        assert.match(await squeezed('tiny-stories'), /Demo model of .* cpu 512 1 0 0 –/)
        assert.is(await page.locator('.models tbody tr').count(), scene.gateway.directory.snapshot.models.size)
        assert.not.ok((await page.locator('#model').innerText()).includes('70b'))
      }))

    test('opens on the playground at every size', async () => {
      for (const [width, height] of [
        [1440, 900],
        [900, 1200],
        [390, 844],
      ] as const)
        await onPage({ width, height }, async ({ page }) => {
          const box = async (selector: string) => (await page.locator(selector).boundingBox()) ?? { x: 0, y: 1e9 }
          const [playground, models, prompt] = [await box('#playground'), await box('.models'), await box('#prompt')]
          assert.ok(playground.y < 120 && playground.x < 60, `${width}: ${JSON.stringify(playground)}`)
          assert.ok(models.y > playground.y && prompt.y < height, `${width}: ${JSON.stringify([models, prompt])}`)
        })
    })

    test('costs five requests to load, two when it was there before, and then at most six a minute', async () => {
      const { server } = scene.gateway.app.server
      const asked: string[] = []
      // At the gateway: a browser does not show all that it asks for.
      const note = ({ url = '' }: { url?: string }) => void asked.push(url)
      const context = await browser.newContext()
      const page = await context.newPage()
      const load = async (url: string): Promise<void> => {
        asked.length = 0
        await page.goto(url)
        await page.getByText('Live', { exact: true }).waitFor()
      }
      server.on('request', note)
      try {
        await load(`${scene.gateway.url}/console#token=${scene.gateway.token}`)
        assert.is(asked.length, 5, asked.join(' '))
        await page.clock.install()
        await load(`${scene.gateway.url}/console?again`)
        assert.is(asked.length, 2, asked.join(' '))
        asked.length = 0
        for (let seconds = 0; seconds < 60; seconds += 2) {
          await page.clock.runFor(2000)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        assert.ok(asked.length >= 3 && asked.length <= 6, asked.join(' '))
      } finally {
        server.off('request', note)
        await context.close()
      }
    })

    test('shows a model that comes, and keeps the focus in the table', () =>
      onPage(undefined, async ({ page }) => {
        const { directory } = scene.gateway
        await page.getByRole('button', { name: 'qwen3-8b', exact: true }).focus()
        directory.setEndpoints('phi-4', [scene.engine.endpoint])
        await sees(page, "window.dispatchEvent(new Event('online'))")
        await until(
          async () => /Ready/.test(await page.getByRole('row', { name: 'phi-4' }).innerText()),
          'phi-4 is ready',
        )
        assert.is(await sees(page, 'document.activeElement.textContent'), 'qwen3-8b')
        directory.setEndpoints('phi-4', [])
      }))

    test('streams an answer piece by piece, moves nothing meanwhile, and measures it', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'tiny-stories')
        const places =
          "JSON.stringify(['log', 'stats', 'prompt', 'send', 'stop', 'code'].map((id) => document.getElementById(id).getBoundingClientRect()).map(({ top, height }) => [top, height]).filter(([, height]) => height > 0))"
        const before = await sees(page, places)
        await ask(page, 'A story, please.')
        const lengths = new Set<number>()
        while ((await text(page, 'stat-end')) !== 'complete') {
          lengths.add((await page.locator('.answered .text').allInnerTexts()).join('').length)
          assert.is(await sees(page, places), before)
        }
        assert.ok(lengths.size > 5, `seen ${[...lengths]}`)
        assert.match(
          await text(page, 'log'),
          /^YouA story, please\.tiny-storiesOnce upon a time .* out of the grey\.$/s,
        )
        assert.match(await text(page, 'stat-first'), /^\d+ ms$/)
        const speed = Number(/^([\d.]+)\/s$/.exec(await text(page, 'stat-speed'))?.[1])
        assert.ok(speed > 5 && speed < 41, `${speed} tokens a second, one each 25 ms`)
        assert.is(await text(page, 'stat-tokens'), '24 + 68')
        assert.match(await text(page, 'announce'), /Answer complete/)
      }))

    test('repeats the conversation with the next message, and sends the parameters that were filled in', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'qwen3-8b')
        await page.fill('#system', 'Be brief.')
        await page.fill('#temperature', '0.5')
        await page.fill('#seed', '7')
        await page.fill('#stop-texts', 'END\nStop.')
        await ask(page, 'One')
        await ended(page, 'complete')
        await ask(page, 'Two')
        await until(() => scene.engine.seen.at(-1)?.body.includes('Two') ?? false, 'the second request')
        await ended(page, 'complete')
        const { messages, max_tokens, ...rest } = JSON.parse(scene.engine.seen.at(-1)?.body ?? '')
        assert.equal(
          messages.map(({ role, content }: Record<string, string>) => [role, content?.slice(0, 9)]),
          [
            ['system', 'Be brief.'],
            ['user', 'One'],
            ['assistant', 'Once upon'],
            ['user', 'Two'],
          ],
        )
        assert.is(max_tokens, undefined)
        assert.equal([rest.temperature, rest.seed, rest.stop, rest.stream], [0.5, 7, ['END', 'Stop.'], true])
      }))

    test('does not send a parameter that is out of range', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'qwen3-8b')
        await page.fill('#temperature', '3')
        const before = scene.engine.seen.length
        await ask(page, 'Hello')
        assert.is(await sees(page, 'document.activeElement.id'), 'temperature')
        assert.is(scene.engine.seen.length, before)
      }))

    test('stops the engine when the answer is stopped', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'tiny-stories')
        await ask(page, 'A long story')
        await page.locator('.answered .text').waitFor()
        await page.getByRole('button', { name: 'Stop', exact: true }).click()
        await until(() => (scene.engine.seen.at(-1)?.closedAt ?? 0) > 0, 'the engine sees the abort')
        await ended(page, 'stopped')
        assert.ok(await page.getByRole('button', { name: 'Send' }).isVisible())
        assert.is(await page.locator('.failure').count(), 0)
      }))

    test('continues a text, compares texts and ranks documents, by what the model does', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'qwen3-8b')
        await page.getByRole('radio', { name: 'Completion' }).check()
        await ask(page, 'Once')
        await ended(page, 'complete')
        assert.is(JSON.parse(scene.engine.seen.at(-1)?.body ?? '').prompt, 'Once')
        assert.match(await text(page, 'log'), 'out of the grey.')
        await choose(page, 'bge-small-en')
        await ask(page, 'one\ntwo')
        await ended(page, 'complete')
        assert.match(await text(page, 'log'), /2 vectors of 3 numbers.*1 {2}one1\.0000\.99/)
        await choose(page, 'bge-reranker')
        await page.fill('#query', 'Which is last?')
        await ask(page, 'first\nlast')
        await ended(page, 'complete')
        assert.match(await text(page, 'log'), /2 documents, best first.*1last0\.6667.*2first0\.3333/)
      }))

    for (const [name, words] of [
      [
        'refuses',
        /The request was refused.*maximum context length is 256 tokens.*400 · context_length_exceeded · request \w+/s,
      ],
      ['busy', /A limit is reached.*Try again in \d+ seconds?\..*429 · /s],
      ['breaks-off', /t1t2t3The answer broke off.*upstream/s],
    ] as const)
      test(`says in words that a model ${name}, with the code, and keeps the question`, () =>
        onPage(
          undefined,
          async ({ page }) => {
            await choose(page, name)
            await ask(page, 'Hello there')
            await ended(page, 'failed')
            assert.match(await text(page, 'log'), words)
            assert.is(await page.locator('.failure[role=alert]').count(), 1)
            if (name !== 'breaks-off') assert.is(await page.inputValue('#prompt'), 'Hello there')
          },
          /status of (400|429)/,
        ))

    test('asks for a new token when the old one is refused, and goes on with the new one', () =>
      onPage(
        { token: null },
        async ({ page }) => {
          await page.getByRole('heading', { name: 'Sign in with a token' }).waitFor()
          assert.is(await sees(page, 'document.activeElement.id'), 'token')
          await page.keyboard.type('wrong.wrong.wrong')
          await page.keyboard.press('Enter')
          await page.getByText('The gateway does not accept this token').waitFor()
          assert.is(await sees(page, 'sessionStorage.length'), 0)
          await page.keyboard.type(`Bearer ${scene.gateway.token} `)
          await page.keyboard.press('Enter')
          await page.getByText('Live', { exact: true }).waitFor()
          await page.getByRole('button', { name: 'Forget token' }).click()
          await page.getByText('The token is forgotten.').waitFor()
          assert.is(await sees(page, 'sessionStorage.length'), 0)
        },
        /status of 401/,
      ))

    test('works from the stream lane and with an API key', () =>
      onPage({ path: '/stream/console', token: apiKey }, async ({ page, requests }) => {
        await choose(page, 'qwen3-8b')
        await ask(page, 'Hello')
        await ended(page, 'complete')
        const paths = requests.map(({ url }) => new URL(url).pathname)
        assert.ok(paths.includes('/stream/v1/chat/completions') && paths.includes('/stream/v1/slipway/status'))
        assert.equal(
          paths.filter((path) => !path.startsWith('/stream/')),
          [],
        )
      }))

    test('says that the gateway is away, and goes on when it is back', () =>
      onPage(
        {},
        async ({ page, context }) => {
          await context.setOffline(true)
          await sees(page, "window.dispatchEvent(new Event('online'))")
          await page.getByText('Offline').waitFor()
          assert.match(await text(page, 'notice'), /The gateway cannot be reached\. \(network\).*trying again in \d+ s/)
          await context.setOffline(false)
          await page.getByText('Live', { exact: true }).waitFor()
          assert.not.ok(await page.locator('#notice').isVisible())
        },
        /ERR_INTERNET_DISCONNECTED/,
      ))

    test('asks rarely while the tab is hidden, and waits as long as it is asked to', () =>
      onPage(
        {},
        async ({ page }) => {
          await page.clock.install()
          let asked = 0
          await page.route('**/v1/slipway/status', (route) => {
            asked += 1
            return route.fulfill({
              status: 429,
              headers: { 'retry-after': '20' },
              body: '<html>',
              contentType: 'text/html',
            })
          })
          await sees(page, "window.dispatchEvent(new Event('online'))")
          await page.getByText('Trouble').waitFor()
          assert.match(await text(page, 'notice'), 'trying again in 20 s')
          await page.clock.runFor(19_000)
          assert.is(asked, 1)
          await sees(page, "Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
          await page.clock.runFor(2000)
          await until(() => asked === 2, 'the second try')
          await until(async () => (await text(page, 'notice')).includes('in 60 s'), 'the wait of a hidden tab')
          await page.clock.runFor(50_000)
          assert.is(asked, 2)
          await sees(page, "delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
          await until(() => asked === 3, 'the try of a tab that is seen again')
        },
        /status of 429/,
      ))

    test('shows the limits and the last minute, in numbers, bars and words', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'qwen3-8b')
        await ask(page, 'Hello')
        await ended(page, 'complete')
        const rate = page.getByRole('img', { name: /\d+ requests? ended in the last minute/ })
        await rate.waitFor()
        assert.match((await rate.locator('path').first().getAttribute('d')) ?? '', /^M/)
        assert.ok(await page.getByRole('img', { name: /A request took .* on average/ }).isVisible())
        const left = /Requests(\d+) of 120 left/.exec(
          (await page.locator('#usage dl').first().innerText()).replaceAll('\n', ''),
        )
        // The quota fills again while a slow machine looks.
        assert.ok(Number(left?.[1]) <= 120, left?.[0])
      }))

    test('gives the request as code that runs, with the token as a variable', () =>
      onPage(undefined, async ({ page }) => {
        await choose(page, 'qwen3-8b')
        await page.fill('#prompt', 'It\'s a "test" with $HOME')
        const code: Record<string, string> = {}
        for (const name of ['curl', 'Python', 'TypeScript']) {
          await page.getByRole('tab', { name }).click()
          code[name] = await text(page, 'code')
          assert.not.ok(code[name]?.includes(scene.gateway.token))
          assert.ok(code[name]?.includes('SLIPWAY_TOKEN'))
        }
        for (const [name, source] of Object.entries(code)) {
          const output = await runCode(name, source, scene.gateway.token)
          if (output === undefined) continue
          assert.match(
            output,
            name === 'curl' ? /^data: .*\[DONE\]/s : /^Once upon a time .* out of the grey\.$/s,
            name,
          )
          assert.is(JSON.parse(scene.engine.seen.at(-1)?.body ?? '').messages[0].content, 'It\'s a "test" with $HOME')
        }
      }))

    test('copies the code', () =>
      onPage(undefined, async ({ page, context }) => {
        await context.grantPermissions(['clipboard-read', 'clipboard-write'])
        await page.getByRole('button', { name: 'Copy' }).click()
        await page.getByRole('button', { name: 'Copied' }).waitFor()
        assert.is(await sees(page, 'navigator.clipboard.readText()'), await text(page, 'code'))
      }))

    test('is used with the keyboard alone', () =>
      onPage(undefined, async ({ page }) => {
        const focused = () => sees(page, 'document.activeElement.id || document.activeElement.textContent')
        const tabTo = async (wanted: string) => {
          for (let count = 0; count < 60; count += 1) {
            if ((await focused()) === wanted) return
            await page.keyboard.press('Tab')
          }
          throw new Error(`the Tab key does not reach ${wanted}`)
        }
        await tabTo('Skip to the playground')
        await tabTo('tiny-stories')
        await page.keyboard.press('Enter')
        assert.is(await focused(), 'prompt')
        await page.keyboard.type('Hello')
        await page.keyboard.press('Tab')
        assert.is(await focused(), 'send')
        await page.keyboard.press('Enter')
        await page.locator('.answered .text').waitFor()
        assert.is(await focused(), 'stop')
        await page.keyboard.press('Enter')
        await ended(page, 'stopped')
        assert.is(await focused(), 'send')
        await tabTo('system')
        await tabTo('code-curl')
        await page.keyboard.press('ArrowRight')
        assert.is(await focused(), 'code-python')
        assert.match(await text(page, 'code'), 'import os')
        await tabTo('code')
      }))

    for (const colorScheme of ['light', 'dark'] as const)
      test(`has no violation that axe finds, in ${colorScheme}, at three sizes`, () =>
        onPage(
          { colorScheme, width: 1440 },
          async ({ page }) => {
            // The policy keeps foreign scripts out of the page; the debugger may run one.
            await page.evaluate(axe)
            const violations = () =>
              sees(
                page,
                "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html)))",
              )
            await choose(page, 'refuses')
            await ask(page, 'Hello')
            await ended(page, 'failed')
            assert.equal(await violations(), [])
            for (const width of [900, 390]) {
              await page.setViewportSize({ width, height: 900 })
              assert.ok(Number(await sees(page, 'document.documentElement.scrollWidth')) <= width, `${width} wide`)
            }
            assert.equal(await violations(), [], 'on a phone')
            await page.getByRole('button', { name: 'Forget token' }).click()
            assert.equal(await violations(), [], 'sign in')
          },
          /status of 400/,
        ))

    test('fits a phone: nothing scrolls sideways, and the answer streams', () =>
      onPage(undefined, async ({ page }) => {
        const size = page.viewportSize()
        await page.setViewportSize({ width: 390, height: 844 })
        await choose(page, 'qwen3-8b')
        await ask(page, 'Hello')
        await ended(page, 'complete')
        assert.is(await sees(page, 'document.documentElement.scrollWidth'), 390)
        await page.click('summary')
        await page.fill('#seed', '1')
        assert.is(await sees(page, 'document.documentElement.scrollWidth'), 390)
        if (size) await page.setViewportSize(size)
      }))
  })

  describe('the browser that comes as a package', (test) => {
    test('shows the console too', async () => {
      const scene = await startScene()
      const packaged = await openPackagedBrowser()
      try {
        if (typeof packaged === 'string') throw new Error(packaged)
        const page = await packaged.newPage()
        await page.goto(`${scene.gateway.url}/console#token=${scene.gateway.token}`)
        await page.getByText('Live', { exact: true }).waitFor()
        await packaged.close()
      } finally {
        await scene.stop()
      }
    })
  })
}
