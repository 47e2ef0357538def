// Every block of docs/operations and docs/how-to that says that it was tried, and that needs a cluster, works on this one.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { blocksOf } from '../../reference/page-blocks.ts'
import { type Cases, patient } from './scene.ts'

export const operationCases: Cases = (test, { source, controlPlane }) => {
  for (const path of globSync('docs/{operations,how-to}/*.md', { cwd: repositoryRoot }).sort()) {
    const blocks = blocksOf(readFileSync(join(repositoryRoot, path), 'utf8')).filter(
      ({ info, text }) => info === 'sh tried' && text.includes('kubectl'),
    )
    for (const [index, { text }] of blocks.entries())
      test(
        `${path}: block ${index + 1} of the cluster works`,
        async () => {
          const [node] = await controlPlane.list<{ metadata: { name: string } }>('nodes')
          const autoscaled = source.plan.models.find(({ scaling }) => scaling.autoscaled)
          const script = text
            .replaceAll('MODEL', autoscaled?.name ?? '')
            .replaceAll('NODE', node?.metadata.name ?? '')
            .replaceAll('COMMIT', source.head)
          const { status, log } = await controlPlane.run('bash', ['-ec', script])
          assert.is(status, 0, log)
        },
        patient,
      )
  }
}
