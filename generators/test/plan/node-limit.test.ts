// gpu.maxGpus counts the GPUs of nodes: a limit below the smallest node is refused, with ways out that hold.
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { isError } from '../../diagnostics/diagnostic.ts'
import { planRepository } from '../../pipeline.ts'
import { acceleratorKinds } from '../../schema/accelerators.ts'
import { type FixtureRepository, validFixture, withRepository } from '../fixture.ts'

const model = 'apps/models/chat.yaml'
const cluster = 'clusters/blue/cluster.yaml'

/** The chat model of valid/ without a budget, in cluster blue alone. */
function write(
  repository: FixtureRepository,
  accelerator: string,
  maxGpus: string,
  replicas = '1, maxReplicas: 1',
): void {
  repository.write(
    model,
    `model: example/chat-8b
revision: 0e9e39f249a16976918f6564b8830bc894c89659
engine: { name: vllm, maxModelLen: 8192 }
accelerator: ${accelerator}
scaling: { minReplicas: ${replicas} }
access: { tenants: [team] }
clusters:
  blue: {}
`,
  )
  const text = repository.read(cluster)
  repository.write(cluster, text.replace('{ l4: 4 }', maxGpus))
}

const planOf = ({ root }: FixtureRepository) => planRepository(root, { models: ['chat'], clusters: ['blue'] })
const errorsOf = (repository: FixtureRepository) => planOf(repository).diagnostics.filter(isError)

/** Each way of a hint in its own copy, as a reader would type it. */
function follow(repository: FixtureRepository, way: string): void {
  const limit = /^write gpu\.maxGpus\.([\w-]+): (\d+) in /.exec(way)
  const accelerator = /^write accelerator: (.*)$/.exec(way)?.[1]
  if (limit !== null) {
    const [, kind, count] = limit
    repository.write(cluster, repository.read(cluster).replace(new RegExp(`\\b${kind}: \\d+`), `${kind}: ${count}`))
  } else if (accelerator !== undefined) {
    repository.write(model, repository.read(model).replace(/^accelerator: .*$/m, `accelerator: ${accelerator}`))
  } else throw new Error(`no way: ${way}`)
}

const cases: { accelerator: string; maxGpus: string; region?: string; node: string; ways: number }[] = [
  { accelerator: '{ type: l40s, count: 2 }', maxGpus: '{ l40s: 2, l4: 4 }', node: 'g6e.12xlarge with 4 GPUs', ways: 2 },
  { accelerator: '{ type: l40s, count: 2 }', maxGpus: '{ l40s: 3 }', node: 'g6e.12xlarge with 4 GPUs', ways: 2 },
  {
    accelerator: '{ type: a100-80gb, count: 2 }',
    maxGpus: '{ a100-80gb: 2 }',
    node: 'p4de.24xlarge with 8 GPUs',
    ways: 1,
  },
  { accelerator: 'h100', maxGpus: '{ h100: 7, rtx-pro-6000: 1 }', node: 'p5.48xlarge with 8 GPUs', ways: 2 },
  {
    accelerator: '{ type: b200, count: 4 }',
    maxGpus: '{ b200: 4, a10g: 2 }',
    node: 'p6-b200.48xlarge with 8 GPUs',
    ways: 2,
  },
  {
    accelerator: '{ type: rtx-pro-6000, count: 4 }',
    maxGpus: '{ rtx-pro-6000: 2 }',
    node: 'g7e.24xlarge with 4 GPUs',
    ways: 2,
  },
  { accelerator: '{ type: l4, count: 8 }', maxGpus: '{ l4: 4 }', node: 'g6.48xlarge with 8 GPUs', ways: 2 },
]

describe('a limit below the smallest node', (test) => {
  for (const { accelerator, maxGpus, node, ways } of cases) {
    test(`is an error: ${accelerator} where ${maxGpus} may be`, () => {
      withRepository(validFixture, (repository) => {
        write(repository, accelerator, maxGpus)
        const [error, ...others] = errorsOf(repository)
        assert.equal(others, [])
        assert.is(error?.code, 'REPLICA_EXCEEDS_CLUSTER')
        const column = accelerator.includes('count')
          ? accelerator.indexOf('count: ') + 'accelerator: count: '.length + 1
          : 14
        assert.equal(error?.position, { file: model, line: 4, column })
        assert.match(error?.message ?? '', node)
        assert.is(error?.hint.split('; or ').length, ways, error?.hint)
      })
    })

    test(`has ways out that hold: ${accelerator} where ${maxGpus} may be`, () => {
      const hint = withRepository(validFixture, (repository) => {
        write(repository, accelerator, maxGpus)
        return errorsOf(repository)[0]?.hint ?? ''
      })
      for (const way of hint.replace(/; nothing else.*/, '').split('; or '))
        withRepository(validFixture, (repository) => {
          write(repository, accelerator, maxGpus)
          follow(repository, way)
          assert.equal(errorsOf(repository), [], way)
        })
    })
  }

  test('is met by a change for its cluster alone, where the model runs in others too', () => {
    withRepository(validFixture, (repository) => {
      write(repository, '{ type: l40s, count: 2 }', '{ l40s: 2, l4: 1 }')
      repository.write(model, repository.read(model).replace('  blue: {}\n', '  blue: {}\n  green: {}\n'))
      const green = 'clusters/green/cluster.yaml'
      repository.write(green, repository.read(green).replace('{ l4: 4 }', '{ l40s: 8 }'))
      const all = () => planRepository(repository.root, { models: ['chat'], clusters: [] }).diagnostics.filter(isError)
      assert.match(all()[0]?.hint ?? '', '; or write accelerator: l4 under clusters.blue')
      repository.write(model, repository.read(model).replace('  blue: {}', '  blue: { accelerator: l4 }'))
      assert.equal(all(), [])
    })
  })

  test('is none for a node as large as the limit', () => {
    withRepository(validFixture, (repository) => {
      write(repository, '{ type: l40s, count: 2 }', '{ l40s: 4 }')
      assert.equal(planOf(repository).diagnostics, [])
    })
  })
})

describe('any GPUs, under any limit', (test) => {
  const gpus = fc.record({
    kind: fc.constantFrom(...acceleratorKinds.filter((kind) => kind !== 'l4')),
    count: fc.constantFrom(1, 2, 4, 8),
    limit: fc.integer({ min: 1, max: 16 }),
  })

  test('run on a node within it that the pool offers, or are refused with ways out that hold', () => {
    fc.assert(
      fc.property(gpus, ({ kind, count, limit }) => {
        const planWith = (change: (repository: FixtureRepository) => void) =>
          withRepository(validFixture, (repository) => {
            write(repository, `{ type: ${kind}, count: ${count} }`, `{ ${kind}: ${limit}, l4: 4 }`)
            change(repository)
            return planOf(repository)
          })
        const { plans, diagnostics } = planWith(() => {})
        const [error] = diagnostics.filter(isError)
        const { node } = plans[0]?.models[0] ?? {}
        if (error === undefined) {
          const pool = plans[0]?.nodePools.find(({ name }) => name === kind)
          assert.ok(node !== undefined && node.instance.gpus <= limit)
          assert.ok(pool?.instanceTypes.includes(node?.instance.type ?? ''))
        }
        if (error?.code !== 'REPLICA_EXCEEDS_CLUSTER') return
        for (const way of error.hint.replace(/; nothing else.*/, '').split('; or ')) {
          const left = planWith((repository) => follow(repository, way)).diagnostics.filter(isError)
          assert.equal(left, [], way)
        }
      }),
      { numRuns: 40 },
    )
  })
})

function surgeOf(accelerator: string, maxGpus: string, replicas: string): boolean | undefined {
  return withRepository(validFixture, (repository) => {
    write(repository, accelerator, maxGpus, replicas)
    return planOf(repository).plans[0]?.models[0]?.rollout.surge
  })
}

describe('a rollout that starts the new pod first', (test) => {
  test('takes what is free on a node that is there', () => {
    assert.is(surgeOf('{ type: h100, count: 4 }', '{ h100: 8 }', '1, maxReplicas: 1'), true)
    assert.is(surgeOf('{ type: l40s, count: 2 }', '{ l40s: 4 }', '1, maxReplicas: 1'), true)
  })

  test('needs another node when the nodes are full', () => {
    assert.is(surgeOf('{ type: h100, count: 4 }', '{ h100: 15 }', '2, maxReplicas: 2'), false)
    assert.is(surgeOf('{ type: h100, count: 4 }', '{ h100: 16 }', '2, maxReplicas: 2'), true)
    assert.is(surgeOf('{ type: l40s, count: 2 }', '{ l40s: 7 }', '1, maxReplicas: 2'), false)
  })
})

describe('models together', (test) => {
  const second = (repository: FixtureRepository): void => {
    repository.write('apps/models/other.yaml', repository.read(model).replace('access: { tenants: [team] }\n', ''))
    repository.write('apps/models/other.lock.json', repository.read('apps/models/chat.lock.json'))
  }
  const warnings = (accelerator: string, maxGpus: string, replicas: string): string[] =>
    withRepository(validFixture, (repository) => {
      write(repository, accelerator, maxGpus, replicas)
      second(repository)
      const { diagnostics } = planRepository(repository.root, { models: ['chat', 'other'], clusters: ['blue'] })
      return diagnostics.filter(({ code }) => code === 'GPU_CAPACITY').map(({ message }) => message)
    })

  test('are warned of by the nodes they need, not by the GPUs they ask for', () => {
    assert.equal(warnings('{ type: h100, count: 4 }', '{ h100: 8 }', '1, maxReplicas: 1'), [])
    const [message] = warnings('{ type: h100, count: 4 }', '{ h100: 12 }', '1, maxReplicas: 2')
    assert.match(message ?? '', 'at maxReplicas 2 models run on 2 nodes with 16 × h100, cluster blue may have 12')
  })
})
