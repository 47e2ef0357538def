// What the image holds runs alone, as nobody, and writes nothing.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { bundle, imageCommand } from '../bundle.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat } from './harness.ts'
import { GatewayProcess, startIdentityProvider } from './process.ts'

const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8')

/** What the image gives Node, with the program at the end. */
const command = imageCommand()

/** Of `nobody`; the image's 65532 has no entry on most machines either. */
const nobody = 65534

describe('the gateway’s bundle', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bundle-'))
  const file = join(folder, 'gateway.mjs')
  test.after(() => rmSync(folder, { recursive: true }))

  test('answers from a folder without node_modules, as another user, without a right to write', async () => {
    const bytes = await bundle(file)
    chmodSync(folder, 0o755)
    const identity = await startIdentityProvider()
    const engine = await FakeEngine.start()
    const gateway = new GatewayProcess()
    gateway.setModels({ ok: [engine.endpoint] })
    const started = performance.now()
    await gateway.start(
      identity,
      {},
      {
        // What this process may do: read files and use the network; a write would end it.
        program: [...command.slice(0, -1), '--no-warnings', '--permission', '--allow-fs-read=*', '--allow-net', file],
        // Only root can become somebody else.
        ...(process.getuid?.() === 0 && { uid: nobody }),
      },
    )
    console.log(`${bytes} bytes, ready after ${Math.round(performance.now() - started)} ms`)
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await identity.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat('ok')),
    })
    assert.is(response.status, 200)
    assert.match(await response.text(), /"total_tokens":100/)
    assert.is((await fetch(`${gateway.url}/console/style-000000000000.css`)).status, 200)
    assert.match(await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text(), /slipway_gateway_/)
    assert.is(gateway.error, '')
    gateway.child?.kill('SIGTERM')
    assert.is(await gateway.exit, 0)
    await gateway.stop()
    await engine.stop()
    await identity.stop()
  })

  test('is all that the image holds, without a shell and not as root', () => {
    const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    assert.equal(
      lines.map((line) => line.split(' ')[0]),
      ['FROM', 'COPY', 'COPY', 'USER', 'EXPOSE', 'CMD'],
    )
    assert.match(dockerfile, /^FROM gcr\.io\/distroless\/[\w-]+:nonroot@sha256:[0-9a-f]{64}$/m)
    assert.match(dockerfile, /^USER 65532:65532$/m)
    assert.is(command.at(-1), '/app/gateway.mjs')
    assert.ok(command.slice(0, -1).every((flag) => flag.startsWith('--')))
    assert.match(dockerfile, /^COPY .*gateway\/dist\/gateway\.mjs .*\/app\/$/m)
  })
})
