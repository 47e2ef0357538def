// A field with nothing behind it: {} where an object is meant, a diagnostic elsewhere, and in a cluster's patch a removal.
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { type FixtureRepository, validFixture, withRepository } from '../fixture.ts'

/** Codes with lines, and every rendered byte. */
function synthOf(change: (repository: FixtureRepository) => void): { problems: string[]; texts: string } {
  return withRepository(validFixture, (repository) => {
    change(repository)
    const { diagnostics, files } = renderRepository(repository.root, everything)
    return {
      problems: diagnostics.map(({ code, position: { file, line } }) => `${code} ${file}:${line}`),
      texts: files.map(({ path, text }) => `${path}\n${text}`).join('\n'),
    }
  })
}

const append = (path: string, text: string) => (repository: FixtureRepository) =>
  repository.write(path, repository.read(path) + text)

describe('an object with nothing behind it', (test) => {
  const same: [path: string, empty: string, written: string][] = [
    ['apps/models/embed.yaml', 'scaling:\n', 'scaling: {}\n'],
    ['apps/models/embed.yaml', '  green:\n', '  green: {}\n'],
    ['apps/models/embed.yaml', 'env: # none\nslo: ~\n', 'env: {}\nslo: {}\n'],
    ['apps/addons/metrics-server.yaml', 'ignoreDifferences: []\n', ''],
    ['clusters/blue/cluster.yaml', 'addons:\n  metrics-server:\n', 'addons: { metrics-server: {} }\n'],
    ['clusters/blue/cluster.yaml', 'addons: { metrics-server: { values: } }\nedge:\n', 'edge: {}\n'],
  ]
  for (const [path, empty, written] of same) {
    test(`${JSON.stringify(empty)} in ${path} is ${JSON.stringify(written)}`, () => {
      const found = synthOf(append(path, empty))
      assert.equal(found.problems, [])
      assert.is(found.texts, synthOf(append(path, written)).texts)
    })
  }

  test('gives the gateway its defaults', () => {
    const write = (text: string) => (repository: FixtureRepository) => repository.write('apps/gateway.yaml', text)
    const found = synthOf(write('replicas:\nresources:\nclusters:\n  green:\n'))
    assert.equal(found.problems, [])
    assert.is(found.texts, synthOf(write('logLevel: info\n')).texts)
    assert.is(found.texts, synthOf(write('replicas: { min: 2 }\nresources: { cpu: 500m }\n')).texts)
  })

  test('without its required fields gets their names', () => {
    const { problems } = synthOf(append('apps/models/embed.yaml', 'budget:\naccess:\n'))
    assert.equal(problems, ['FIELD_MISSING apps/models/embed.yaml:6', 'FIELD_MISSING apps/models/embed.yaml:7'])
  })
})

describe('any other field with nothing behind it', (test) => {
  test('is an error at its line', () => {
    const { problems } = synthOf(append('apps/models/embed.yaml', 'aliases:\ndescription:\naccelerator:\n'))
    assert.equal(
      problems,
      [6, 7, 8].map((line) => `FIELD_TYPE apps/models/embed.yaml:${line}`),
    )
  })

  test('is removed in a cluster’s patch, and its default counts', () => {
    const gateway = (text: string) => synthOf((repository) => repository.write('apps/gateway.yaml', text))
    const removed = gateway(
      'logLevel: debug\nreplicas: { min: 3 }\nclusters: { green: { logLevel: , replicas: { min: } } }',
    )
    assert.equal(removed.problems, [])
    assert.is(removed.texts, gateway('clusters: { blue: { logLevel: debug, replicas: { min: 3 } } }').texts)
  })
})
