// The form that every component has, and how long the whole graph takes.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { root } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { isReal } from '../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf, recordGraph, settingsOf } from './graphs.ts'
import { insideCluster } from './other-edges.ts'
import { ownKubernetes } from './own-cluster.ts'

const classes = globSync('platform/*/*.ts', { cwd: root }).flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^export class (\w+) extends pulumi\.ComponentResource[\s\S]*?^}/gm)]
  return found.map(([source, name = '']) => ({ file: basename(file), name, source }))
})

const kebab = (name: string): string => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()

describe('components', (test) => {
  test('are at most 60 lines each', () => {
    const long = classes.filter(({ source }) => source.split('\n').length > 60)
    assert.equal(
      long.map(({ name, source }) => `${name}: ${source.split('\n').length}`),
      [],
    )
  })

  test('have a file of their name, a token of their name, and register their outputs', () => {
    for (const { file, name, source } of classes) {
      assert.is(file, `${kebab(name)}.ts`)
      assert.match(source, `super('slipway:platform:${name}', name, {}, options)`)
      assert.match(source, 'this.registerOutputs(')
    }
  })

  test('are all in the graph of a cluster that uses everything, of those that bring their own, or of one inside', async () => {
    const graphs = [await graphOf(fullCluster()), await graphOf(ownKubernetes()), await graphOf(insideCluster())]
    const tokens = new Set(graphs.flatMap(({ resources }) => resources.map(({ type }) => type)))
    assert.equal(
      classes.filter(({ name }) => !tokens.has(`slipway:platform:${name}`)).map(({ name }) => name),
      [],
    )
  })
})

describe('the graph', (test) => {
  /** Seconds; includes neither loading Pulumi nor reading files. On an idle machine the clock says less than the CPU. */
  const limit = 3

  test(`of every cluster is built in at most ${limit} s of CPU`, async () => {
    for (const name of clusterNames) {
      const { cpuMilliseconds, resources } = await graphOf(name)
      assert.ok(resources.filter(isReal).length > 100)
      assert.ok(cpuMilliseconds < limit * 1000, `${name}: ${cpuMilliseconds} ms`)
    }
  })

  test('is the same every time', async () => {
    const settings = settingsOf(clusterOf('dev'))
    const [one, two] = [await recordGraph(settings), await recordGraph(settings)]
    const sorted = ({ resources }: typeof one) => resources.map((resource) => JSON.stringify(resource)).sort()
    assert.equal(sorted(one), sorted(two))
  })

  test('is not built when an output fails: what hangs on it would be missing without a word', async () => {
    const current = pulumi.output(Promise.reject<string>(new Error('no such secret')))
    try {
      await recordGraph({ cluster: clusterOf('dev'), originSecret: { current } })
      assert.unreachable('nothing failed')
    } catch (error) {
      assert.instance(error, Error)
      assert.match(String((error as Error).cause), /no such secret/)
    }
  })
})
