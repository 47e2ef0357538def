// A page without scripts: what can be called, and how.
import { bodyRoutes, pathRoutes, routeTemplate } from '../request/route-table.ts'
import { html } from './front-page.ts'
import { statuses } from './openapi.ts'

export function referencePage(origin: string): string {
  const rows = [...bodyRoutes, ...pathRoutes].map(
    (route) =>
      `<tr><td><code>POST ${html(routeTemplate(route))}</code></td><td>${html(route.summary)}</td><td>${route.streams ? 'yes' : ''}</td></tr>`,
  )
  const errors = Object.entries(statuses).map(([status, text]) => `<tr><td>${status}</td><td>${html(text)}</td></tr>`)
  const base = html(origin)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slipway API</title><link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>Slipway API</h1>
<p>Base URL for OpenAI clients: <code>${base}/stream/v1</code> for streams and long answers,
<code>${base}/v1</code> for answers within 27 seconds. For Anthropic clients: <code>${base}/stream</code>. The machine-readable form is <a href="/openapi.json">openapi.json</a>.</p>
<pre>curl ${base}/stream/v1/chat/completions \\
  -H "authorization: Bearer $TOKEN" -H "content-type: application/json" \\
  -d '{"model": "NAME", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'</pre>
<h2>Routes</h2>
<div class="wide"><table><thead><tr><th>Route</th><th>What it does</th><th>Streams</th></tr></thead><tbody>
<tr><td><code>GET /v1/models</code></td><td>Models that you may use.</td><td></td></tr>
<tr><td><code>GET /v1/models/{model}</code></td><td>One model.</td><td></td></tr>
<tr><td><code>GET /v1/slipway/status</code></td><td>State of your models, your quota and the last minute.</td><td></td></tr>
<tr><td><code>GET /v1/slipway/operator</code></td><td>All models and tenants, for operators.</td><td></td></tr>
${rows.join('\n')}
</tbody></table></div>
<h2>Errors</h2>
<div class="wide"><table><thead><tr><th>Status</th><th>Meaning</th></tr></thead><tbody>
${errors.join('\n')}
</tbody></table></div>
</main></body></html>
`
}

export const referenceStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; padding: 1rem }
main { max-width: 60rem; margin: 0 auto }
.wide, pre { overflow-x: auto }
pre { padding: 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
td code { white-space: nowrap }
`
