// The console’s files over HTTP: exactly these, open to everybody, found in the repository and beside a bundle.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { assert, describe } from '../../test/spec.ts'
import { descriptionAnnotation, modelAnnotations } from '../discovery/contract.ts'
import { parseModel } from '../discovery/parse-entry.ts'
import { joinModules } from '../routes/console-bundle.ts'
import { consoleFileNames, readConsoleFiles } from '../routes/console-files.ts'
import { model, startGateway, type TestGateway, tenant } from './harness.ts'

const folder = join(import.meta.dirname, '../console')
const types: Record<string, string> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
}

/** Without the client’s own tidying of paths. */
function raw(url: string, path: string, method = 'GET'): Promise<{ status: number; location?: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { path, method }, (res) => {
      res.resume()
      resolve({ status: res.statusCode ?? 0, location: res.headers.location })
    })
    sent.on('error', reject).end()
  })
}

describe('the console’s files', (test) => {
  const files = readConsoleFiles()
  let gateway: TestGateway
  test.before(async () => {
    gateway = await startGateway([model('ok', [], { description: 'A model for tests.' })])
  })
  test.after(() => gateway.stop())

  test('are all that is in the folder', () => {
    assert.equal([...consoleFileNames].sort(), readdirSync(folder).sort())
  })

  test('are sent on both lanes without a token, each with its type', async () => {
    for (const lane of ['', '/stream'])
      for (const { name } of files) {
        const response = await fetch(`${gateway.url}${lane}/console${name === 'index.html' ? '' : `/${name}`}`)
        const body = await response.text()
        assert.is(response.status, 200, name)
        assert.is(response.headers.get('content-type')?.split(';')[0], types[name.split('.').at(-1) ?? ''], name)
        assert.is(response.headers.get('x-content-type-options'), 'nosniff')
        assert.match(response.headers.get('content-security-policy') ?? '', "default-src 'none'; script-src 'self'")
        assert.ok(body.length > 100)
      }
  })

  test('are four, named by what is in them and kept for good; of another version a page gets them and keeps nothing', async () => {
    assert.is(files.length, 4)
    const page = await (await fetch(`${gateway.url}/console`)).text()
    for (const { name, plainName, body } of files.filter((one) => one.name !== 'index.html')) {
      assert.ok(page.includes(`"console/${name}"`), name)
      assert.not.ok(page.includes(`"console/${plainName}"`), plainName)
      const kept = await fetch(`${gateway.url}/console/${name}`)
      assert.is(kept.headers.get('cache-control'), 'public, max-age=31536000, immutable')
      const other = await fetch(`${gateway.url}/console/${name.replace(/-[0-9a-f]{12}\./, '-0123456789ab.')}`)
      assert.equal([other.headers.get('cache-control'), await other.text()], ['no-store', body.toString()])
    }
  })

  test('are one script of the modules, in which every form of import and export is known', () => {
    const modules = new Map([
      ['a.js', "import { two } from './b-c.js'\nexport const one = two + 1\nglobalThis.found = one\n"],
      ['b-c.js', 'export const two = 2\nexport async function* three() {}\n'],
    ])
    assert.is(new Function(`${joinModules(modules, 'a.js')}return globalThis.found`)(), 3)
    for (const line of [
      "import x from './b-c.js'",
      "import './b-c.js'",
      'export default 1',
      "export * from './b-c.js'",
      'export { a }',
    ])
      assert.throws(() => joinModules(new Map([['a.js', `${line}\n`]]), 'a.js'), /in a form that is not known/, line)
    assert.throws(() => joinModules(new Map([['a.js', "import { x } from './none.js'\n"]]), 'a.js'), /has no none\.js/)
  })

  test('begin with a page that is asked for anew, and sent again only when it changed', async () => {
    const first = await fetch(`${gateway.url}/console`)
    assert.is(first.headers.get('cache-control'), 'public, no-cache')
    const etag = first.headers.get('etag') ?? ''
    await first.text()
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`])
      assert.is((await fetch(`${gateway.url}/console`, { headers: { 'if-none-match': tag } })).status, 304, tag)
    assert.is((await fetch(`${gateway.url}/console`, { headers: { 'if-none-match': '"other"' } })).status, 200)
  })

  test('answer HEAD with the same headers and no body', async () => {
    const script = `${gateway.url}/console/${files.find(({ plainName }) => plainName === 'app.js')?.name}`
    const got = await fetch(script)
    const head = await fetch(script, { method: 'HEAD' })
    assert.is(head.status, 200)
    assert.is(head.headers.get('content-length'), String((await got.arrayBuffer()).byteLength))
    assert.is(head.headers.get('etag'), got.headers.get('etag'))
    assert.is(await head.text(), '')
  })

  test('are the only ones: no other path leads out of the folder', async () => {
    for (const path of [
      '/console/../app.ts',
      '/console/..%2fapp.ts',
      '/console/%2e%2e/app.ts',
      '/console/..%5capp.ts',
      '/console//etc/passwd',
      '/console/app.js%00.css',
      '/console/index.html',
      '/console/APP.JS',
      '/console/none.js',
      '/console/app.js',
      '/console/app-0123.js',
      '/console/app-0123456789ab.css',
      '/console/token-0123456789ab.js',
      '/stream/console/../../package.json',
    ])
      assert.is((await raw(gateway.url, path)).status, 404, path)
    assert.is((await raw(gateway.url, '/console', 'POST')).status, 404)
  })

  test('with a slash after the page’s address are where the relative links work', async () => {
    for (const lane of ['', '/stream'])
      assert.equal(await raw(gateway.url, `${lane}/console/`), { status: 308, location: '../console' })
  })

  test('are found beside a bundle too, and their absence stops the start', async () => {
    const made = mkdtempSync(join(tmpdir(), 'slipway-bundle-'))
    try {
      const entryPoints = [join(import.meta.dirname, '../routes/console-files.ts')]
      const outfile = join(made, 'bundle.mjs')
      await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
      const bundle = (await import(pathToFileURL(outfile).href)) as { readConsoleFiles: typeof readConsoleFiles }
      assert.throws(() => bundle.readConsoleFiles(), /the files of the console are neither in/)
      cpSync(folder, join(made, 'console'), { recursive: true })
      assert.equal(bundle.readConsoleFiles(), readConsoleFiles())
    } finally {
      rmSync(made, { recursive: true })
    }
  })

  test('name no other host and hold no inline script or style', () => {
    for (const { name, body } of readConsoleFiles()) {
      const text = body.toString()
      const hosts = [...text.matchAll(/https?:\/\/[^\s'"`<>)]+/g)].map(([url]) => url)
      assert.equal(
        hosts.filter((url) => !url.startsWith('http://www.w3.org/')),
        [],
        name,
      )
      assert.not.match(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage/,
      )
      if (name.endsWith('.html')) assert.not.match(text, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)
    }
  })
})

interface Status {
  gatewayReplicas: number
  quota: Record<string, Record<string, number>>
  models: { description: string | null }[]
}

describe('what the status gives the console', (test) => {
  test('holds the model’s description, and quota as this pod’s share', async () => {
    const limits = { requestsPerMinute: 100, tokensPerMinute: 10_000, concurrency: 10 }
    const gateway = await startGateway([], { tenants: [tenant('research', { limits })] })
    const models = [model('reported', [], { description: 'A demo.' }), model('untold', [])]
    gateway.directory.set(models, gateway.directory.snapshot.tenants, 2)
    const status = (await (await gateway.get('/v1/slipway/status')).json()) as Status
    assert.equal(
      status.models.map(({ description }) => description),
      ['A demo.', null],
    )
    assert.is(status.gatewayReplicas, 2)
    // Half of each limit, and the tenth that makes up for requests that do not spread evenly.
    const share = { concurrencyLimit: 5, requestsLimit: 55, tokensLimit: 5500 }
    assert.equal(status.quota.generate, { concurrency: 0, requestsLeft: 55, tokensLeft: 5500, ...share })
    await gateway.stop()
  })

  test('comes from an annotation that may be absent and has an end', () => {
    const annotations = {
      [modelAnnotations.model]: 'gpt2',
      [modelAnnotations.modelId]: 'openai-community/gpt2',
      [modelAnnotations.task]: 'text-generation',
      [modelAnnotations.engine]: 'cpu',
      [modelAnnotations.api]: 'openai',
      [modelAnnotations.spec]: JSON.stringify(model('gpt2', []).spec),
    }
    assert.is(parseModel(annotations).description, undefined)
    assert.is(parseModel({ ...annotations, [descriptionAnnotation]: 'A demo.' }).description, 'A demo.')
    assert.throws(() => parseModel({ ...annotations, [descriptionAnnotation]: 'x'.repeat(501) }), /description/)
  })
})
