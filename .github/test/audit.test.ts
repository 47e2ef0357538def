// The audit of packages: the real npm against a registry on loopback that knows advisories.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { assert, describe } from '../../test/spec.ts'
import { run, withFolder } from './run-task.ts'

const advisory = (id: number, severity: string) => ({
  id,
  url: `https://github.com/advisories/GHSA-aaaa-bbbb-000${id}`,
  title: `fault ${id}`,
  severity,
  vulnerable_versions: '<2.0.0',
})
const all = { alpha: [advisory(1, 'critical')], beta: [advisory(2, 'high'), advisory(3, 'moderate')] }

/** Runs the task in a folder whose lock file has three packages. */
async function audit(exceptions: string, advisories: Record<string, unknown[]> = all) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (!request.url?.endsWith('/advisories/bulk')) return void response.writeHead(404).end('{}')
      const body = Buffer.concat(parts)
      const wanted = JSON.parse(
        String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body),
      ) as object
      asked.push(...Object.keys(wanted))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(advisories))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  let outcome = { status: null as number | null, out: '', log: '' }
  await withFolder(async (root) => {
    const dependencies = { alpha: '1.0.0', beta: '1.5.0', gamma: '1.0.0' }
    const base = { name: 'fork', version: '1.0.0' }
    const locked = Object.entries(dependencies).map(([name, version]) => [`node_modules/${name}`, { version }])
    const packages = { '': { ...base, dependencies }, ...Object.fromEntries(locked) }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...base, dependencies }))
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ ...base, lockfileVersion: 3, packages }))
    for (const folder of ['.github', 'apps', 'clusters']) mkdirSync(join(root, folder))
    writeFileSync(join(root, '.github/audit-exceptions.yaml'), exceptions)
    const env = { npm_config_registry: registry, npm_config_audit: 'true', npm_config_cache: join(root, 'cache') }
    outcome = await run(['audit', '--root', root], env)
  })
  server.close()
  return { ...outcome, asked: asked.sort() }
}

const entry = (id: number, name: string, until = '2099-12-31') =>
  `- {advisory: GHSA-aaaa-bbbb-000${id}, package: ${name}, until: ${until}, reason: it is not called here}\n`

describe('npm run workflow -- audit', (test) => {
  test('fails on high and critical advisories, and notes the others', async () => {
    const { status, out, asked } = await audit('[]\n')
    assert.is(status, 1)
    assert.equal(asked, ['alpha', 'beta', 'gamma'])
    assert.is(
      out,
      `FAILS  critical  alpha  GHSA-aaaa-bbbb-0001  fault 1
FAILS  high  beta  GHSA-aaaa-bbbb-0002  fault 2
noted  moderate  beta  GHSA-aaaa-bbbb-0003  fault 3
3 advisories: 2 fail, 0 excepted\n`,
    )
  })

  test('passes when each has an exception, and when nothing is known', async () => {
    const { status, out } = await audit(entry(1, 'alpha') + entry(2, 'beta'))
    assert.is(status, 0, out)
    assert.match(out, /excepted {2}critical {2}alpha/)
    assert.is((await audit('[]\n', {})).status, 0)
  })

  test('fails on an exception for another package, one that ended, and one that is not needed any more', async () => {
    const { status, log } = await audit(entry(1, 'gamma') + entry(2, 'beta', '2026-01-31') + entry(9, 'alpha'))
    assert.is(status, 1)
    assert.match(log, /audit-exceptions\.yaml:1:3 GHSA-aaaa-bbbb-0001 is not found any more/)
    assert.match(log, /audit-exceptions\.yaml:2:3 GHSA-aaaa-bbbb-0002 was excepted until 2026-01-31/)
    assert.match(log, /audit-exceptions\.yaml:3:3 GHSA-aaaa-bbbb-0009 is not found any more/)
  })

  test('says what is wrong with the file, and where', async () => {
    assert.match((await audit('alpha: 1\n')).log, /audit-exceptions\.yaml:1:1 is no list/)
    assert.match((await audit('- {advisory: GHSA-1, package: alpha}\n')).log, /yaml:1:3 lacks until, reason/)
    assert.match((await audit(entry(1, 'alpha', 'soon'))).log, /yaml:1:3 until is no day: write YYYY-MM-DD/)
    assert.match((await audit('- {advisory: [\n')).log, /audit-exceptions\.yaml:\d+:\d+ /)
  })

  test('refuses an option that it does not have, and says how it is called', async () => {
    const { status, log } = await run(['audit', '--fix'])
    assert.is(status, 1)
    assert.match(log, /Unknown option '--fix'[\s\S]*npm run workflow -- audit --help shows its options/)
  })
})
