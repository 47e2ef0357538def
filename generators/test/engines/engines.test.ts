// What every engine must keep; a new engine is tested by its registry line.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import type { EngineInput, Recording } from '../../engines/engine.ts'
import { engines } from '../../engines/index.ts'
import { vllm } from '../../engines/vllm.ts'
import { planRepository } from '../../pipeline.ts'
import { type AcceleratorKind, acceleratorKinds } from '../../schema/accelerators.ts'
import { repositoryRoot } from '../fixture.ts'

const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })
const catalogue = plans.flatMap(({ models }) => models)

const kinds: (AcceleratorKind | undefined)[] = [undefined, ...acceleratorKinds]

describe('engines', (test) => {
  test('have names of their own', () => {
    assert.is(new Set(engines.map(({ name }) => name)).size, engines.length)
  })

  for (const engine of engines) {
    const usable = engine.versions.filter(
      (version) => version.flags !== undefined && kinds.some((kind) => version.image(kind) !== undefined),
    )

    test(`${engine.name} has a version with image and flags`, () => {
      assert.ok(usable.length > 0)
    })

    test(`${engine.name} names its images by digest`, () => {
      for (const version of engine.versions) {
        for (const image of kinds.map((kind) => version.image(kind))) {
          if (image !== undefined && image !== 'modelServer') assert.match(image.digest ?? '', /^sha256:[0-9a-f]{64}$/)
        }
      }
    })

    test(`${engine.name} owns flags that its versions know`, () => {
      for (const flag of engine.ownedFlags)
        assert.ok(
          usable.some(({ flags = {} }) => flag in flags),
          flag,
        )
    })

    test(`${engine.name} opens only by flags that a version knows, and calls none gone that all have`, () => {
      const known = new Set(engine.versions.flatMap(({ flags = {} }) => Object.keys(flags)))
      for (const name of Object.keys(engine.opens ?? {}).filter((one) => one.startsWith('--')))
        assert.ok(known.has(name), name)
      for (const flag of Object.keys(engine.goneFlags ?? {}))
        assert.ok(
          usable.some(({ flags = {} }) => !(flag in flags)),
          flag,
        )
    })

    test(`${engine.name} scales on a metric that it has, per model`, () => {
      for (const { metrics } of engine.versions) {
        assert.ok(metrics[engine.defaultTarget.metric])
        for (const metric of Object.values(metrics)) assert.ok(metric.query.includes('$MODEL'), metric.query)
      }
    })

    test(`${engine.name} has probes on its port, and keeps what it writes in the cache`, () => {
      for (const { probes } of engine.versions) for (const path of Object.values(probes)) assert.match(path, /^\/\w/)
      const environment = engine.environment('/cache')
      assert.is(environment.HF_HUB_OFFLINE, '1')
      for (const [name, value] of Object.entries(environment))
        if (/(?:_DIR|_ROOT|_CACHE|HOME)$/.test(name)) assert.match(value, /^\/cache\//)
    })

    test(`${engine.name} is used in the catalogue`, () => {
      assert.ok(catalogue.some((model) => model.engine === engine))
    })
  }

  test('write only flags that the chosen version’s own parser has', () => {
    for (const model of catalogue) {
      const { command, args } = model.engine.command(commandInput(model))
      assert.ok([...command, ...args].every((word) => word !== ''))
      for (const word of args.filter((arg) => arg.startsWith('--'))) {
        const flag = word.split('=')[0] ?? ''
        assert.ok(model.version.flags && flag in model.version.flags, `${model.name}: ${flag}`)
      }
    }
  })

  test('write only flags that all recorded versions of vLLM have', () => {
    const model = catalogue.find(({ engine }) => engine === vllm)
    assert.ok(model)
    const { args } = vllm.command(commandInput(model))
    for (const { version, flags = {} } of vllm.versions)
      for (const word of args.filter((arg) => arg.startsWith('--')))
        assert.ok((word.split('=')[0] ?? '') in flags, `${version}: ${word}`)
  })

  test('have the recordings that lie in flags/, one for each version of vLLM', () => {
    const names = readdirSync(join(repositoryRoot, 'generators/engines/flags')).filter((name) =>
      name.startsWith('vllm-'),
    )
    assert.equal(names.sort(), vllm.versions.map(({ version }) => `vllm-${version}.json`).sort())
    for (const { version, flags, bounds, quantization, architectures, environment } of vllm.versions) {
      const path = join(repositoryRoot, `generators/engines/flags/vllm-${version}.json`)
      const recorded = JSON.parse(readFileSync(path, 'utf8')) as Recording
      assert.is(recorded.version, version)
      assert.equal([recorded.flags, recorded.bounds], [flags, bounds])
      assert.equal([recorded.environment, recorded.architectures], [environment, architectures])
      for (const [word, least] of Object.entries(quantization ?? {})) assert.is(recorded.quantization[word], least)
      for (const word of ['bitsandbytes', 'gguf', 'hqq', 'aqlm', 'eetq', 'torchao', 'fbgemm_fp8'])
        assert.not.ok(word in (quantization ?? {}), word)
    }
  })

  test('are named only in their own file and the registry', () => {
    const sources = readdirSync(join(repositoryRoot, 'generators'), { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      // The contract names a node pool `cpu`.
      .filter((file) => file.endsWith('.ts') && !/^(?:test|engines)\/|^schema\/contract/.test(file))
    const naming = sources.filter((file) => {
      const code = readFileSync(join(repositoryRoot, 'generators', file), 'utf8').replace(
        /\/\/.*|\/\*[\s\S]*?\*\//g,
        '',
      )
      return engines.some(({ name }) => new RegExp(`[=(]\\s*'${name}'`).test(code))
    })
    assert.equal(naming, [])
  })
})

function commandInput(model: (typeof catalogue)[number]): EngineInput {
  return {
    name: model.name,
    settings: model.settings,
    lock: model.lock,
    modelDirectory: `/models/${model.name}`,
    maxModelLen: model.maxModelLen,
    drainSeconds: model.rollout.drainSeconds,
  }
}
