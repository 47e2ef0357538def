// What `/` answers: where everything else is, for programs and for people.

/** @param origin scheme and host */
export const links = (origin: string) => ({
  name: 'Slipway',
  links: {
    console: `${origin}/console`,
    docs: `${origin}/docs`,
    openapi: `${origin}/openapi.json`,
    models: `${origin}/v1/models`,
  },
  base_urls: {
    openai: `${origin}/stream/v1`,
    anthropic: `${origin}/stream`,
    huggingface: `${origin}/stream`,
  },
})

export const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export function frontPage(origin: string): string {
  const { links: pages, base_urls: bases } = links(origin)
  const list = (entries: object, cell: (url: string) => string) =>
    Object.entries(entries)
      .map(([name, url]) => `<tr><td>${name}</td><td>${cell(html(url))}</td></tr>`)
      .join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slipway</title><link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>Slipway</h1>
<table><tbody>
${list(pages, (url) => `<a href="${url}">${url}</a>`)}
</tbody></table>
<h2>Base URLs of clients</h2>
<table><tbody>
${list(bases, (url) => `<code>${url}</code>`)}
</tbody></table>
</main></body></html>
`
}
