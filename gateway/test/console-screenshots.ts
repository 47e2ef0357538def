// Takes the pictures of the console in docs/: `node gateway/test/console-screenshots.ts [folder]`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '../../model-server/test/server-process.ts'
import { openBrowser } from '../../test/browser.ts'
import { toPalette } from '../../test/palette-png.ts'
import { startScene } from './console-scene.ts'
import { chat, until } from './harness.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '../../docs')
const pictures = [
  ['console-light', 'light', 1440, 1040],
  ['console-dark', 'dark', 1440, 1040],
  ['console-medium', 'light', 900, 1200],
  ['console-narrow', 'dark', 390, 1500],
] as const
const limitBytes = 150_000

const browser = await openBrowser()
if (typeof browser === 'string') throw new Error(browser)
// The demo model speaks for itself: a picture must not promise more than it can.
const tinyStories = await startServer()
const scene = await startScene({ tinyStories: { address: '127.0.0.1', port: tinyStories.port, ready: true } })
const { gateway } = scene
mkdirSync(folder, { recursive: true })

/** A minute like any other: calls that come and go, one of them failed. */
async function makeTraffic(): Promise<void> {
  for (let round = 0; round < 14; round += 1) {
    const calls = Array.from({ length: 1 + ((round * 5) % 4) }, () =>
      gateway.post('/stream/v1/chat/completions', chat('qwen3-8b', { stream: true })).then((answer) => answer.text()),
    )
    if (round === 8)
      calls.push(gateway.post('/v1/completions', { model: 'qwen3-8b', prompt: 'fail' }).then((answer) => answer.text()))
    await Promise.all(calls)
    await new Promise((resolve) => setTimeout(resolve, (round % 3) * 350 + 300))
  }
}

await makeTraffic()
for (const [name, colorScheme, width, height] of pictures) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, deviceScaleFactor: 1 })
  const page = await context.newPage()
  await page.goto(`${gateway.url}/console#token=${gateway.token}`)
  await page.getByRole('button', { name: 'tiny-stories' }).click()
  if (width < 960) await page.click('summary')
  await page.fill('#temperature', '0')
  await page.fill('#max-tokens', '200')
  await page.fill('#prompt', 'which lane should I use')
  await page.press('#prompt', 'Enter')
  await until(async () => (await page.textContent('#stat-end')) === 'complete', 'the answer ends', 10_000)
  await page.getByRole('tab', { name: 'Python' }).click()
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
  const path = join(folder, `${name}.png`)
  await page.waitForTimeout(400)
  const picture = toPalette(await page.screenshot({ fullPage: width < 1000 }))
  writeFileSync(path, picture)
  const size = picture.length
  console.log(`${path}: ${size} bytes${size > limitBytes ? `, more than ${limitBytes}` : ''}`)
  if (size > limitBytes) process.exitCode = 1
  await context.close()
}
await browser.close()
await scene.stop()
await tinyStories.stop()
