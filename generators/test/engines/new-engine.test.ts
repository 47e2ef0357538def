// A new engine is one file and one line: shown by adding one to a copy of the generators.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'

const engineFile = `// echo: an engine of this test.
import type { Engine } from './engine.ts'

const image = { repository: 'registry.example.com/echo', tag: '1.0.0', digest: 'sha256:${'0'.repeat(64)}' }

export const echo: Engine = {
  name: 'echo',
  versions: [
    {
      version: '1.0.0',
      image: () => image,
      flags: { '--model': 'value' },
      probes: { startup: '/up', readiness: '/up', liveness: '/up' },
      metrics: { runningRequests: { query: 'sum(echo_running{model="$MODEL"})' } },
      drains: false,
    },
  ],
  tasks: ['feature-extraction'],
  api: 'openai',
  options: [],
  accelerator: 'none',
  hasKvCache: false,
  ownedFlags: ['--model'],
  command: ({ modelDirectory }) => ({ command: ['echo-server'], args: [\`--model=\${modelDirectory}\`] }),
  environment: () => ({ HF_HUB_OFFLINE: '1' }),
  defaultTarget: { metric: 'runningRequests', value: 1 },
  files: ['*.safetensors'],
  needsSharedMemory: false,
}
`

describe('a new engine', (test) => {
  test('is one file and one registry line; schemas, reference and Pod follow', () => {
    const root = copyRepository(validFixture)
    const path = (...parts: string[]) => join(root, ...parts)
    try {
      // Rendering reads the gateway's settings and names, too.
      for (const part of ['generators', 'gateway'])
        cpSync(join(repositoryRoot, part), path(part), {
          recursive: true,
          filter: (source) => !source.startsWith(join(repositoryRoot, part, 'test')),
        })
      symlinkSync(join(repositoryRoot, 'node_modules'), path('node_modules'))
      writeFileSync(path('package.json'), '{ "type": "module" }')
      writeFileSync(path('generators/engines/echo.ts'), engineFile)
      const registry = readFileSync(path('generators/engines/index.ts'), 'utf8')
      writeFileSync(
        path('generators/engines/index.ts'),
        `import { echo } from './echo.ts'\n${registry.replace('= [', '= [echo, ')}`,
      )
      const model = readFileSync(path('apps/models/embed.yaml'), 'utf8')
      writeFileSync(path('apps/models/embed.yaml'), model.replace('engine: tei', 'engine: echo'))
      const { status, stderr } = spawnSync(process.execPath, ['generators/main.ts', 'synth'], {
        cwd: root,
        encoding: 'utf8',
      })
      assert.is(status, 0, stderr)
      const deployment = readFileSync(path('clusters/blue/rendered/model-embed/deployment-embed.yaml'), 'utf8')
      assert.match(deployment, `registry.example.com/echo:1.0.0@sha256:${'0'.repeat(64)}`)
      assert.match(deployment, 'runAsNonRoot: true')
      assert.match(readFileSync(path('schemas/model.schema.json'), 'utf8'), '"echo"')
      assert.match(readFileSync(path('docs/reference/fields.md'), 'utf8'), '`echo`')
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
