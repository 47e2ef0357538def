// The card as GitHub shows it: GitHub Flavored Markdown in GitHub's own styles, light and dark, in a real browser at three sizes.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Marked } from 'marked'
import markedAlert from 'marked-alert'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../../test/browser.ts'
import { toPalette } from '../../../test/palette-png.ts'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'
import { scenarios } from './scenarios.ts'

const require = createRequire(import.meta.url)
const marked = new Marked({ gfm: true }, markedAlert())
const themes = ['light', 'dark'] as const

const cardOf = (name: string): string => readFileSync(join(import.meta.dirname, `cards/${name}.md`), 'utf8')

/** GitHub's comment column is at most 880 pixels wide. */
function page(cards: readonly string[], theme: (typeof themes)[number]): string {
  const style = readFileSync(require.resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8')
  const body = cards.map((card) => `<article class="markdown-body">${marked.parse(card) as string}</article>`).join('')
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>${style} body{margin:0;background:${theme === 'dark' ? '#0d1117' : '#fff'}} .markdown-body{max-width:880px;padding:16px}</style>
${body}`
}

const names = scenarios.map(({ name }) => name).filter((name) => name !== 'nothing')

/** Of each card: its text, whether it is wider than the window, tables whose rows have not all the same number of cells. */
const look = `[...document.querySelectorAll('article')].map((card) => ({
  text: card.innerText,
  sticksOut: card.scrollWidth > window.innerWidth,
  ragged: [...card.querySelectorAll('table')].filter(
    (table) => new Set([...table.rows].map((row) => row.cells.length)).size !== 1).length,
}))`

interface Seen {
  text: string
  sticksOut: boolean
  ragged: number
}

const browser = await openBrowser()

describe('the card in a browser', (test) => {
  if (typeof browser === 'string') {
    test.skip('reads well in light and dark at three sizes', browser)
    return
  }
  const open: Browser = browser
  test.after(() => open.close())

  for (const theme of themes) {
    for (const width of [1280, 768, 375]) {
      test(`${theme}, ${width} pixels: no mark is left over, nothing sticks out, every cell has its column`, async () => {
        const tab = await open.newPage({ viewport: { width, height: 900 } })
        await tab.setContent(page(names.map(cardOf), theme))
        const seen = (await tab.evaluate(look)) as Seen[]
        await tab.close()
        assert.is(seen.length, names.length)
        for (const [index, { text, sticksOut, ragged }] of seen.entries()) {
          const name = names[index]
          assert.is(sticksOut, false, name)
          assert.is(ragged, 0, name)
          assert.not.match(text, /\*\*|\|---|\[!|<br>|<sub>|`/, name)
          assert.match(text, /Slipway: /, name)
        }
      })
    }
  }

  if (process.env.UPDATE_CARDS === '1') {
    test('takes the pictures of docs/', async () => {
      for (const theme of themes) {
        const tab = await open.newPage({ viewport: { width: 912, height: 600 }, deviceScaleFactor: 1 })
        await tab.setContent(page([cardOf('gpu-kind').replace('<details>', '<details open>')], theme))
        const picture = toPalette(await tab.locator('article').screenshot())
        writeFileSync(join(repositoryRoot, `docs/review-${theme}.png`), picture)
        await tab.close()
      }
    })
  }
})
