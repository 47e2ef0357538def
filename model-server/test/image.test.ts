// The image's files run alone, as nobody and without a right to write; and what the renderer passes to it is understood.
import { chmodSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import flags from '../../generators/engines/flags/cpu-0.1.0.json' with { type: 'json' }
import { readImports, typescriptFiles } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { assemble, packageFolders, packages } from '../image/assemble.ts'
import { readServe, serveOptions, variables } from '../options.ts'
import { readCopy, readFetch } from '../weight-options.ts'
import { root, ServerProcess } from './server-process.ts'

const dockerfile = readFileSync(`${root}model-server/Dockerfile`, 'utf8')
const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Of `nobody`; the image's 65532 has no entry on most machines either. */
const nobody = 65534

describe('the model server’s image', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-image-'))
  test.after(() => rmSync(folder, { recursive: true }))

  if (process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64'))
    test('answers from its own files, as nobody, without a right to write', async () => {
      const app = join(folder, 'app')
      assemble(root, app, process.arch === 'x64' ? 'amd64' : 'arm64')
      chmodSync(folder, 0o755)
      const server = new ServerProcess(
        ['--model-dir', `${app}/model-server/models/tiny-stories`, '--host', '127.0.0.1', '--port', '0'],
        { HOME: '/nowhere' },
        {
          // Native modules and threads, files to read, the network; a write would end it.
          program: [
            '--no-warnings',
            '--permission',
            '--allow-fs-read=*',
            '--allow-net',
            '--allow-addons',
            '--allow-worker',
            `${app}/model-server/server.ts`,
          ],
          // Only root can become somebody else.
          ...(process.getuid?.() === 0 && { uid: nobody }),
        },
      )
      const { port } = await server.line('listening')
      const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Once', max_tokens: 3 }),
      })
      assert.is(response.status, 200)
      assert.is((await server.stop()).code, 0)
      assert.is(server.errors, '')
    })
  else test.skip('answers from its own files', 'the image is for linux on x64 and arm64')

  test('holds no other platform’s binaries, no tests and nothing of the other parts', () => {
    const app = join(folder, 'arm')
    assemble(root, app, 'arm64')
    const binaries = join(app, 'node_modules/onnxruntime-node/bin/napi-v6')
    assert.equal([readdirSync(binaries), readdirSync(join(binaries, 'linux'))], [['linux'], ['arm64']])
    assert.equal(readdirSync(app).sort(), ['model-server', 'node_modules', 'package.json'])
    assert.not(readdirSync(join(app, 'model-server')).includes('test'))
  })

  test('has every package that the program imports, and theirs', () => {
    const imported = typescriptFiles()
      .filter((file) => file.startsWith('model-server/') && !/\/(?:test|image)\//.test(file))
      .flatMap((file) => readImports(file).packages)
      .filter((name) => !name.startsWith('node:'))
    assert.equal([...new Set(imported)].sort(), [...packages].sort())
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'))
    const folders = packageFolders(lock, packages)
    assert.ok(folders.includes('node_modules/onnxruntime-common'))
    assert.not(folders.some((one) => one.includes('pulumi') || one.includes('typescript')))
  })

  test('has no shell, no root, a pinned base, and starts the program whose arguments follow', () => {
    assert.equal(
      lines.map((line) => line.split(' ')[0]),
      ['FROM', 'ARG', 'COPY', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD'],
    )
    assert.match(dockerfile, /^FROM gcr\.io\/distroless\/[\w-]+:nonroot@sha256:[0-9a-f]{64}$/m)
    assert.match(dockerfile, /^USER 65532:65532$/m)
    assert.match(dockerfile, /^COPY --chown=0:0 --chmod=0555 model-server\/dist\/\$\{TARGETARCH\} \/app$/m)
    assert.match(dockerfile, /^ENTRYPOINT \["\/nodejs\/bin\/node", "\/app\/model-server\/server\.ts"\]$/m)
    assert.is(readFileSync(`${root}model-server/Dockerfile.dockerignore`, 'utf8'), '*\n!model-server/dist\n')
  })
})

interface Container {
  name: string
  image: string
  command?: string[]
  args: string[]
  env?: { name: string }[]
  ports?: { containerPort: number }[]
}

interface Deployment {
  spec: { template: { spec: { initContainers?: Container[]; containers: Container[] } } }
}

describe('what the renderer passes', (test) => {
  const containers = globSync('clusters/*/rendered/model-*/deployment-*.yaml', { cwd: root }).flatMap((file) => {
    const { initContainers = [], containers: main } = (parse(readFileSync(root + file, 'utf8')) as Deployment).spec
      .template.spec
    return [...initContainers, ...main]
      .filter(({ image }) => image.includes('slipway-model-server'))
      .map((container) => ({ file: file.split('/').slice(1).join(' '), container }))
  })

  test('is there for both commands', () => {
    assert.ok(containers.some(({ container }) => container.args[0] === 'serve'))
    assert.ok(containers.some(({ container }) => container.args[0] === 'fetch'))
  })

  for (const { file, container } of containers)
    test(`in ${file}: ${container.name} is understood`, () => {
      const [command, ...rest] = container.args
      assert.is(container.command, undefined)
      if (command === 'serve') {
        const settings = readServe(rest)
        assert.is(settings.port, container.ports?.[0]?.containerPort)
        assert.is(settings.host, '0.0.0.0')
      } else if (command === 'fetch') assert.ok(readFetch(rest).to.startsWith('/models/'))
      else if (command === 'copy') assert.ok(readCopy(rest).store)
      else throw new Error(`unknown command ${command}`)
      const known = [...variables.map(({ name }) => name), 'HOME']
      assert.equal(
        (container.env ?? []).map(({ name }) => name).filter((name) => !known.includes(name)),
        [],
      )
    })

  test('every flag that a model file may give is an option', () => {
    const options = serveOptions.map(({ name }) => `--${name}`)
    assert.equal(
      Object.keys(flags).filter((flag) => !options.includes(flag)),
      [],
    )
  })
})
