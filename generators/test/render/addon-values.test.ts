// Chart values with null: Helm drops a chart's default by it, so it must reach Helm.
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { validFixture, withRepository } from '../fixture.ts'

const addon = 'apps/addons/metrics-server.yaml'

/** Helm's part of the rendered Application, with these values in the add-on file and in the cluster's. */
function helmOf(shared: string, own?: string): Record<string, unknown> {
  return withRepository(validFixture, (repository) => {
    repository.write(addon, repository.read(addon).replace(/values:[\s\S]*$/, `values: ${shared}\n`))
    const cluster = 'clusters/blue/cluster.yaml'
    if (own !== undefined)
      repository.write(cluster, `${repository.read(cluster)}addons: { metrics-server: { values: ${own} } }\n`)
    const { files, diagnostics } = renderRepository(repository.root, everything)
    assert.equal(diagnostics, [])
    const file = files.find(({ path }) => path === 'clusters/blue/rendered/argocd/application-metrics-server.yaml')
    const object = parse(file?.text ?? '', { version: '1.1' }) as {
      spec: { source: { helm: Record<string, unknown> } }
    }
    return object.spec.source.helm
  })
}

describe('chart values with null', (test) => {
  test('reach Helm as text, for Argo CD drops null from an object', () => {
    const { values, valuesObject } = helmOf('{ replicas: 2, resources: ~, args: [a, null] }')
    assert.is(valuesObject, undefined)
    assert.equal(parse(String(values)), { replicas: 2, resources: null, args: ['a', null] })
  })

  test('of a cluster win over those of the add-on file', () => {
    const { values } = helmOf('{ replicas: 2, podLabels: { a: x, b: y } }', '{ replicas: , podLabels: { a: ~ } }')
    assert.equal(parse(String(values)), { replicas: null, podLabels: { a: null, b: 'y' } })
  })

  test('are an object when none is null', () => {
    assert.equal(helmOf('{ replicas: 2 }', '{ replicas: 3 }').valuesObject, { replicas: 3 })
  })
})
